package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.memory.Memory;

import java.lang.invoke.VarHandle;

/** The side of a ring that puts in what the kernel takes out. Remembers how far it may go. */
final class ProducerRing {
    private static final int NEED_WAKEUP = 1;

    private final RingMemory ring;
    private int next;
    private int known;

    ProducerRing(RingMemory ring) {
        this.ring = ring;
        this.next = Memory.intAcquire(ring.producer());
        this.known = Memory.intAcquire(ring.consumer());
    }

    int size() {
        return ring.size();
    }

    /** The number of entries there is room for; looks at the kernel's index if it seems less. */
    int room(int wanted) {
        int room = ring.size() - (next - known);
        if (room < wanted) {
            known = Memory.intAcquire(ring.consumer());
            room = ring.size() - (next - known);
        }
        return room;
    }

    /** The address of the next entry, which the caller fills and {@link #publish} shows. */
    long add() {
        return ring.entry(next++);
    }

    /** Shows everything added to the kernel. */
    void publish() {
        Memory.putIntRelease(ring.producer(), next);
    }

    /** Whether the kernel has not taken everything that was published. */
    boolean pending() {
        known = Memory.intAcquire(ring.consumer());
        return known != next;
    }

    /** Whether the kernel looks at the ring only when called. */
    boolean needsWakeup() {
        // The kernel sets the flag before it looks at the ring a last time: one of both sees.
        VarHandle.fullFence();
        return (Memory.nativeInt(ring.flags()) & NEED_WAKEUP) != 0;
    }
}
