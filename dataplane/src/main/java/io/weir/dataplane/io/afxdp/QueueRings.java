package io.weir.dataplane.io.afxdp;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the sockets of one receive queue have together: the ring of frames for the kernel to receive
 * into, and that of frames sent. Either has one writer and one reader, so of several workers one at
 * a time has both, for some ten to hundred nanoseconds once in a burst.
 */
final class QueueRings {
    /** Longer than anybody keeps them who is not interrupted. */
    private static final int TRIES = 200;

    private final ProducerRing fill;
    private final ConsumerRing completed;
    private final boolean shared;
    private final AtomicBoolean taken = new AtomicBoolean();

    /**
     * Makes the rings.
     *
     * @param fill frames for the kernel to receive into
     * @param completed frames sent
     * @param shared whether there is more than one worker
     */
    QueueRings(RingMemory fill, RingMemory completed, boolean shared) {
        this.fill = new ProducerRing(fill);
        this.completed = new ConsumerRing(completed);
        this.shared = shared;
    }

    /** Frames for the kernel; for who has {@link #take taken} the rings. */
    ProducerRing fill() {
        return fill;
    }

    /** Frames from the kernel; for who has {@link #take taken} the rings. */
    ConsumerRing completed() {
        return completed;
    }

    /**
     * Takes the rings, if no other worker keeps them.
     *
     * @return false if one does, whom the host may have interrupted; nobody waits for that
     */
    boolean take() {
        if (!shared) {
            return true;
        }
        for (int i = 0; i < TRIES; i++) {
            if (!taken.getPlain() && taken.compareAndSet(false, true)) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    /** Leaves the rings to others. */
    void leave() {
        if (shared) {
            taken.setRelease(false);
        }
    }
}
