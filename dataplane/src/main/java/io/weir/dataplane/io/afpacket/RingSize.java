package io.weir.dataplane.io.afpacket;

/**
 * The size of a receive ring.
 *
 * <p>The kernel locks {@code slots * slotBytes} of memory for it. A slot holds a frame of the
 * interface's MTU; larger ones, which offloads make of many segments, wait in the socket's queue
 * and take no slot-sized memory while there are none.
 *
 * @param slots frames that can wait, a power of two
 * @param slotBytes bytes of each, a power of two between 2 KiB and 64 KiB
 */
public record RingSize(int slots, int slotBytes) {
    /** What a ring of the default size locks: about 8 ms of frames at a million a second. */
    public static final int DEFAULT_BYTES = 16 << 20;

    private static final int SMALLEST_SLOT = 2 << 10;
    private static final int LARGEST_SLOT = 64 << 10;

    /** Slot bytes that are not frame: the kernel's header, the headroom and the link header. */
    private static final int OVERHEAD_BYTES = 192;

    public RingSize {
        if (Integer.bitCount(slots) != 1
                || Integer.bitCount(slotBytes) != 1
                || slotBytes < SMALLEST_SLOT
                || slotBytes > LARGEST_SLOT
                || (long) slots * slotBytes < ReceiveRing.BLOCK_BYTES
                || (long) slots * slotBytes > 1L << 30) {
            throw new IllegalArgumentException(
                    "a receive ring has slots of 2 KiB to 64 KiB, and "
                            + "their number and size are powers of two that make 256 KiB to 1 GiB: "
                            + slots
                            + " slots of "
                            + slotBytes
                            + " bytes");
        }
    }

    /** A ring of {@value #DEFAULT_BYTES} bytes whose slots fit the MTU as far as 64 KiB allow. */
    public static RingSize forMtu(int mtu) {
        int slotBytes = SMALLEST_SLOT;
        while (slotBytes < mtu + OVERHEAD_BYTES && slotBytes < LARGEST_SLOT) {
            slotBytes *= 2;
        }
        return new RingSize(DEFAULT_BYTES / slotBytes, slotBytes);
    }
}
