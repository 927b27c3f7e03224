package io.weir.dataplane.io.afxdp;

/**
 * Where a ring shared with the kernel lies (linux/if_xdp.h): two free-running 32-bit indexes, flags
 * and entries.
 *
 * @param producer address of the index of whoever puts entries in
 * @param consumer address of the index of whoever takes them out
 * @param flags address of the flags, which the kernel sets
 * @param entries address of the first entry
 * @param size number of entries, a power of two
 * @param entryBytes bytes of each
 */
record RingMemory(
        long producer, long consumer, long flags, long entries, int size, int entryBytes) {
    /** A frame's address, as the fill and the completion ring carry it. */
    static final int ADDRESS_BYTES = 8;

    /** struct xdp_desc, as the receive and the transmit ring carry it. */
    static final int DESCRIPTOR_BYTES = 16;

    static final int LENGTH_OFFSET = 8;

    long entry(int index) {
        return entries + (long) (index & (size - 1)) * entryBytes;
    }
}
