package io.weir.control.vrrp;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.FloatingAddress;
import io.weir.control.failover.AddressHolder;

import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Puts addresses on and takes them off on a thread of its own, one thing after the other, so that
 * advertisements leave in time meanwhile.
 *
 * <p>Its queue has a limit. Should the kernel ever hold it up for so long that it fills, the
 * failover thread waits: a router that cannot get its addresses should fall silent, too.
 */
final class AddressQueue implements AddressHolder {
    private static final System.Logger LOG = System.getLogger("weir");
    private static final int LIMIT = 1024;

    private final AddressHolder holder;
    private final BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(LIMIT);
    private final Thread thread =
            Thread.ofPlatform().name("weir-vrrp-addresses").daemon().unstarted(this::run);
    private volatile boolean ended;

    AddressQueue(AddressHolder holder) {
        this.holder = holder;
        thread.start();
    }

    @Override
    public void hold(Collection<FloatingAddress> addresses, AnnouncementConfig announcements) {
        List<FloatingAddress> copy = List.copyOf(addresses);
        add(() -> holder.hold(copy, announcements));
    }

    @Override
    public void announce(Collection<FloatingAddress> addresses, AnnouncementConfig announcements) {
        List<FloatingAddress> copy = List.copyOf(addresses);
        add(() -> holder.announce(copy, announcements));
    }

    @Override
    public void release(Collection<FloatingAddress> addresses) {
        List<FloatingAddress> copy = List.copyOf(addresses);
        add(() -> holder.release(copy));
    }

    /** Does something after all that was asked for before. */
    void add(Runnable work) {
        try {
            queue.put(work);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!ended) {
            try {
                queue.take().run();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "floating addresses could not be seen to", e);
            }
        }
    }

    /** Does all that was asked for, and ends; the holder stays as it is. */
    @Override
    public void close() {
        add(() -> ended = true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
