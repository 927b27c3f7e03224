package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * The Ethernet II header (IEEE 802.3 clause 3, RFC 894), without VLAN tag.
 *
 * <pre>
 *  0                6                12      14
 * +----------------+----------------+-------+
 * |  destination   |     source     | type  |
 * +----------------+----------------+-------+
 * </pre>
 *
 * <p>A MAC address is the low 48 bits of a long, its first byte the most significant.
 */
public final class Ethernet {
    public static final int HEADER_BYTES = 14;

    public static final int TYPE_IPV4 = 0x0800;
    public static final int TYPE_ARP = 0x0806;
    public static final int TYPE_IPV6 = 0x86dd;

    public static final long BROADCAST = 0xffff_ffff_ffffL;

    private static final int SOURCE_OFFSET = 6;
    private static final int TYPE_OFFSET = 12;
    private static final long MAC_MASK = 0xffff_ffff_ffffL;

    private Ethernet() {}

    public static long destination(long frame) {
        return Memory.u64(frame) >>> 16;
    }

    public static void setDestination(long frame, long mac) {
        Memory.putU32(frame, (int) (mac >>> 16));
        Memory.putU16(frame + 4, (int) mac);
    }

    public static long source(long frame) {
        return Memory.u64(frame + SOURCE_OFFSET - 2) & MAC_MASK;
    }

    public static void setSource(long frame, long mac) {
        Memory.putU16(frame + SOURCE_OFFSET, (int) (mac >>> 32));
        Memory.putU32(frame + SOURCE_OFFSET + 2, (int) mac);
    }

    public static int type(long frame) {
        return Memory.u16(frame + TYPE_OFFSET);
    }

    public static void setType(long frame, int type) {
        Memory.putU16(frame + TYPE_OFFSET, type);
    }
}
