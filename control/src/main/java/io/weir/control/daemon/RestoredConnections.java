package io.weir.control.daemon;

import io.weir.dataplane.worker.WorkerAdministration;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Gives the connections of the process before their real servers, which enter the table a moment
 * after their service if they have checks: soon after the start, and then less and less often.
 */
final class RestoredConnections {
    private static final long FIRST_MILLIS = 50;
    private static final long LAST_MILLIS = 3_200;
    private static final Logger LOG = System.getLogger("weir");

    private final WorkerAdministration administration;
    private final List<byte[]> messages;
    private final Runnable settled;

    /**
     * Takes what {@link #restore} took.
     *
     * @param settled runs when all have a server, or when those that have none by now may never get
     *     one
     */
    RestoredConnections(
            WorkerAdministration administration, List<byte[]> messages, Runnable settled) {
        this.administration = administration;
        this.messages = messages;
        this.settled = settled;
    }

    /** Puts them into the table. */
    static void restore(WorkerAdministration administration, List<byte[]> messages) {
        int taken = 0;
        for (byte[] message : messages) {
            taken += administration.restoreConnections(message);
        }
        if (taken > 0) {
            LOG.log(Level.INFO, "goes on with " + taken + " connections of the process before");
        }
    }

    /** Begins; does its work on this executor. */
    void bindIn(ScheduledExecutorService executor) {
        after(FIRST_MILLIS, executor);
    }

    private void after(long millis, ScheduledExecutorService executor) {
        Future<?> _ =
                executor.schedule(() -> bind(millis, executor), millis, TimeUnit.MILLISECONDS);
    }

    private void bind(long millis, ScheduledExecutorService executor) {
        int without = 0;
        for (byte[] message : messages) {
            without += administration.bindConnections(message);
        }
        if (without == 0 || millis >= LAST_MILLIS) {
            settled.run();
        } else {
            after(2 * millis, executor);
        }
    }
}
