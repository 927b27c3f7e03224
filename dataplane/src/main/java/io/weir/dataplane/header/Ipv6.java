package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * The fixed IPv6 header (RFC 8200 section 3).
 *
 * <pre>
 *  0       4               12      16              24            31
 * +-------+---------------+---------------------------------------+
 * |version| traffic class |              flow label               |
 * +-------+---------------+-------+---------------+---------------+
 * |        payload length         |  next header  |   hop limit   |
 * +-------------------------------+---------------+---------------+
 * |                   source address, 16 bytes                    |
 * +---------------------------------------------------------------+
 * |                 destination address, 16 bytes                 |
 * +---------------------------------------------------------------+
 * </pre>
 *
 * <p>An address is two longs, the high one holding its first 8 bytes.
 */
public final class Ipv6 {
    public static final int HEADER_BYTES = 40;

    /** Where source and destination stand, one behind the other. */
    public static final int ADDRESSES_OFFSET = 8;

    public static final int ADDRESSES_BYTES = 32;

    private static final int PAYLOAD_LENGTH_OFFSET = 4;
    public static final int NEXT_HEADER_OFFSET = 6;
    private static final int HOP_LIMIT_OFFSET = 7;
    private static final int SOURCE_OFFSET = ADDRESSES_OFFSET;
    private static final int DESTINATION_OFFSET = 24;

    private static final int FLOW_LABEL_MASK = 0x000f_ffff;
    private static final int TRAFFIC_CLASS_MASK = 0x0ff0_0000;

    private Ipv6() {}

    public static int version(long ip) {
        return Memory.u8(ip) >>> 4;
    }

    public static void setVersion(long ip, int version) {
        Memory.putU8(ip, version << 4 | (Memory.u8(ip) & 0x0f));
    }

    public static int trafficClass(long ip) {
        return Memory.u16(ip) >>> 4 & 0xff;
    }

    public static void setTrafficClass(long ip, int trafficClass) {
        Memory.putU32(
                ip,
                (Memory.u32(ip) & ~TRAFFIC_CLASS_MASK) | (trafficClass << 20 & TRAFFIC_CLASS_MASK));
    }

    /** The flow label, 20 bits. */
    public static int flowLabel(long ip) {
        return Memory.u32(ip) & FLOW_LABEL_MASK;
    }

    public static void setFlowLabel(long ip, int label) {
        Memory.putU32(ip, (Memory.u32(ip) & ~FLOW_LABEL_MASK) | (label & FLOW_LABEL_MASK));
    }

    /** What follows this header, extension headers included, in bytes. */
    public static int payloadLength(long ip) {
        return Memory.u16(ip + PAYLOAD_LENGTH_OFFSET);
    }

    public static void setPayloadLength(long ip, int bytes) {
        Memory.putU16(ip + PAYLOAD_LENGTH_OFFSET, bytes);
    }

    public static int nextHeader(long ip) {
        return Memory.u8(ip + NEXT_HEADER_OFFSET);
    }

    public static void setNextHeader(long ip, int protocol) {
        Memory.putU8(ip + NEXT_HEADER_OFFSET, protocol);
    }

    public static int hopLimit(long ip) {
        return Memory.u8(ip + HOP_LIMIT_OFFSET);
    }

    public static void setHopLimit(long ip, int hops) {
        Memory.putU8(ip + HOP_LIMIT_OFFSET, hops);
    }

    public static long sourceHigh(long ip) {
        return Memory.u64(ip + SOURCE_OFFSET);
    }

    public static long sourceLow(long ip) {
        return Memory.u64(ip + SOURCE_OFFSET + 8);
    }

    public static void setSource(long ip, long high, long low) {
        Memory.putU64(ip + SOURCE_OFFSET, high);
        Memory.putU64(ip + SOURCE_OFFSET + 8, low);
    }

    public static long destinationHigh(long ip) {
        return Memory.u64(ip + DESTINATION_OFFSET);
    }

    public static long destinationLow(long ip) {
        return Memory.u64(ip + DESTINATION_OFFSET + 8);
    }

    public static void setDestination(long ip, long high, long low) {
        Memory.putU64(ip + DESTINATION_OFFSET, high);
        Memory.putU64(ip + DESTINATION_OFFSET + 8, low);
    }
}
