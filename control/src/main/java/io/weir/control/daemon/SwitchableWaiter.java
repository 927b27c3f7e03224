package io.weir.control.daemon;

import io.weir.dataplane.io.PacketWaiter;

import org.jspecify.annotations.Nullable;

/**
 * A waiter that can be replaced while the worker waits, because a waiter is made for certain ports
 * and ports come and go.
 *
 * <p>The worker changes over, and closes the waiter of before, when it is about to wait next; until
 * then nobody else may close the ports of the one of before. Having the worker run a command after
 * {@link #replace} is enough to know that it has left the old one for good.
 */
final class SwitchableWaiter implements PacketWaiter {
    // Written by the worker alone once it runs.
    private PacketWaiter current;
    // Guarded by this, as waking and closing are: nobody wakes a closed waiter.
    private @Nullable PacketWaiter next;
    private boolean closed;

    SwitchableWaiter(PacketWaiter first) {
        current = first;
    }

    /** Makes the worker wait with this one from now on. */
    synchronized void replace(PacketWaiter replacement) {
        if (closed) {
            replacement.close();
            return;
        }
        if (next != null) {
            next.close();
        }
        next = replacement;
        current.wake();
    }

    @Override
    public void await(long nanos) {
        switchOver().await(nanos);
    }

    private synchronized PacketWaiter switchOver() {
        if (next != null) {
            current.close();
            current = next;
            next = null;
            // A wake meant for the worker may have gone to the one of before.
            current.wake();
        }
        return current;
    }

    @Override
    public synchronized void wake() {
        if (!closed) {
            current.wake();
        }
    }

    /** Called after the worker has stopped. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            current.close();
            if (next != null) {
                next.close();
            }
        }
    }
}
