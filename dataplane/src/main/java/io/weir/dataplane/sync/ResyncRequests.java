package io.weir.dataplane.sync;

import org.jspecify.annotations.Nullable;

/**
 * Asks the other balancer for all connections when a backup daemon starts, again after one second,
 * two, four, and at most {@value #MOST_PAUSE_MILLIS} ms, until one answers. Owned by the worker,
 * but for {@link #answered}.
 */
public final class ResyncRequests {
    private static final long FIRST_PAUSE_MILLIS = 1_000;
    private static final long MOST_PAUSE_MILLIS = 60_000;

    private @Nullable SyncTransport transport;
    private byte[] request = {};
    private volatile boolean answered;
    private long nextMillis;
    private long pauseMillis;

    /**
     * Asks from now on.
     *
     * @param through sends to the daemon's group
     */
    public void start(SyncDaemon daemon, SyncTransport through, long nowMillis) {
        transport = through;
        request = ResyncMessage.of(ResyncMessage.REQUEST, daemon.syncId());
        again(nowMillis);
    }

    /** Begins again, as what was told meanwhile may not have arrived. */
    public void again(long nowMillis) {
        answered = false;
        nextMillis = nowMillis;
        pauseMillis = FIRST_PAUSE_MILLIS;
    }

    /** Asks no more. */
    public void stop() {
        transport = null;
    }

    /** Another balancer sends all connections now; any thread. */
    public void answered() {
        answered = true;
    }

    /** Asks if it is time. Returns how often. */
    public int work(long nowMillis) {
        SyncTransport through = transport;
        if (through == null || answered || nowMillis < nextMillis) {
            return 0;
        }
        through.send(0, request, request.length);
        nextMillis = nowMillis + pauseMillis;
        pauseMillis = Math.min(2 * pauseMillis, MOST_PAUSE_MILLIS);
        return 1;
    }
}
