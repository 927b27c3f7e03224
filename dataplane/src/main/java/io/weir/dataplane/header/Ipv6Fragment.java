package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * The IPv6 fragment header (RFC 8200 section 4.5).
 *
 * <pre>
 *  0               8               16                        29    31
 * +---------------+---------------+-------------------------+---+-+
 * |  next header  |   reserved    |     fragment offset     |res|M|
 * +---------------+---------------+-------------------------+---+-+
 * |                        identification                         |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv6Fragment {
    /** Its number as a next header. */
    public static final int PROTOCOL = 44;

    public static final int HEADER_BYTES = 8;

    /** What the offset counts. */
    public static final int UNIT_BYTES = 8;

    private static final int OFFSET_MASK = 0xfff8;
    private static final int MORE = 1;
    private static final int OFFSET_OFFSET = 2;
    private static final int IDENTIFICATION_OFFSET = 4;

    private Ipv6Fragment() {}

    /** What the whole datagram's first bytes are. */
    public static int nextHeader(long header) {
        return Memory.u8(header);
    }

    /** Where what follows belongs in the datagram, in bytes. */
    public static int offset(long header) {
        return Memory.u16(header + OFFSET_OFFSET) & OFFSET_MASK;
    }

    public static boolean more(long header) {
        return (Memory.u16(header + OFFSET_OFFSET) & MORE) != 0;
    }

    public static int identification(long header) {
        return Memory.u32(header + IDENTIFICATION_OFFSET);
    }

    /**
     * Writes a header.
     *
     * @param nextHeader what the whole datagram's first bytes are
     * @param offset of the first byte that follows, a multiple of {@value #UNIT_BYTES}
     * @param more whether there are others behind it
     */
    public static void write(
            long header, int nextHeader, int offset, boolean more, int identification) {
        Memory.putU8(header, nextHeader);
        Memory.putU8(header + 1, 0);
        Memory.putU16(header + OFFSET_OFFSET, more ? offset | MORE : offset);
        Memory.putU32(header + IDENTIFICATION_OFFSET, identification);
    }
}
