package io.weir.dataplane.io.memory;

import io.weir.dataplane.io.PacketWaiter;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Parks the worker's thread; for ports that have no file descriptor to poll. */
public final class ParkingWaiter implements PacketWaiter {
    /**
     * Set by {@link #wake} before it looks for a sleeper, read by {@link #await} after it has said
     * that it sleeps: one of the two sees the other.
     */
    private final AtomicBoolean woken = new AtomicBoolean();

    private volatile @Nullable Thread sleeper;

    @Override
    public void await(long nanos) {
        sleeper = Thread.currentThread();
        if (!woken.get()) {
            LockSupport.parkNanos(this, nanos);
        }
        sleeper = null;
        // A wake up to here is answered by returning. Reading it makes what came before it visible.
        woken.getAndSet(false);
    }

    @Override
    public void wake() {
        if (!woken.getAndSet(true)) {
            LockSupport.unpark(sleeper);
        }
    }

    /** Nothing is held. */
    @Override
    public void close() {
        wake();
    }
}
