package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.memory.Memory;

/** The side of a ring that takes out what the kernel puts in. Remembers how far it may go. */
final class ConsumerRing {
    private final RingMemory ring;
    private int next;
    private int known;

    ConsumerRing(RingMemory ring) {
        this.ring = ring;
        this.next = Memory.intAcquire(ring.consumer());
        this.known = next;
    }

    /** The number of entries that can be read; looks at the kernel's index if there seem none. */
    int available() {
        if (known == next) {
            known = Memory.intAcquire(ring.producer());
        }
        return known - next;
    }

    /** The address of an entry, counted from the first that was not taken. */
    long entry(int index) {
        return ring.entry(next + index);
    }

    /** Gives the places of the first entries back to the kernel. */
    void take(int entries) {
        next += entries;
        Memory.putIntRelease(ring.consumer(), next);
    }
}
