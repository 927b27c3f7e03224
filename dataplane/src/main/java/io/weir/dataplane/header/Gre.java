package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * The header of Generic Routing Encapsulation (RFC 2784 section 2). The second word is there only
 * if the first bit, C, is set.
 *
 * <pre>
 *  0 1                    13      16                              31
 * +-+----------------------+-------+-------------------------------+
 * |C|      reserved        |version|         protocol type         |
 * +-+----------------------+-------+-------------------------------+
 * |           checksum             |            reserved           |
 * +--------------------------------+-------------------------------+
 * </pre>
 */
public final class Gre {
    /** The number of the protocol in an IP header. */
    public static final int PROTOCOL = 47;

    public static final int MIN_HEADER_BYTES = 4;
    public static final int CHECKSUM_HEADER_BYTES = 8;

    private static final int CHECKSUM_PRESENT = 0x8000;
    private static final int PROTOCOL_TYPE_OFFSET = 2;
    private static final int CHECKSUM_OFFSET = 4;

    private Gre() {}

    /** Writes a header without checksum. */
    public static void write(long gre, int protocolType) {
        Memory.putU16(gre, 0);
        Memory.putU16(gre + PROTOCOL_TYPE_OFFSET, protocolType);
    }

    /** Writes a header that has room for a checksum, which is 0 so far. */
    public static void writeWithChecksum(long gre, int protocolType) {
        Memory.putU16(gre, CHECKSUM_PRESENT);
        Memory.putU16(gre + PROTOCOL_TYPE_OFFSET, protocolType);
        Memory.putU32(gre + CHECKSUM_OFFSET, 0);
    }

    public static boolean checksumPresent(long gre) {
        return (Memory.u16(gre) & CHECKSUM_PRESENT) != 0;
    }

    /** What the payload is, as an EtherType. */
    public static int protocolType(long gre) {
        return Memory.u16(gre + PROTOCOL_TYPE_OFFSET);
    }

    /** The sum over this header and all that follows it; only where it is present. */
    public static int checksum(long gre) {
        return Memory.u16(gre + CHECKSUM_OFFSET);
    }

    public static void setChecksum(long gre, int checksum) {
        Memory.putU16(gre + CHECKSUM_OFFSET, checksum);
    }
}
