package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * The IPv4 header (RFC 791 section 3.1; type of service as RFC 2474 and RFC 3168 split it).
 *
 * <pre>
 *  0       4       8               16    19                      31
 * +-------+-------+---------------+-------------------------------+
 * |version|  IHL  |type of service|         total length          |
 * +-------+-------+---------------+-----+-------------------------+
 * |        identification         |flags|     fragment offset     |
 * +---------------+---------------+-----+-------------------------+
 * | time to live  |   protocol    |        header checksum        |
 * +---------------+---------------+-------------------------------+
 * |                        source address                         |
 * +---------------------------------------------------------------+
 * |                      destination address                      |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv4 {
    public static final int MIN_HEADER_BYTES = 20;

    public static final int DONT_FRAGMENT = 0x4000;
    public static final int MORE_FRAGMENTS = 0x2000;

    public static final int PROTOCOL_ICMP = 1;
    public static final int PROTOCOL_IPIP = 4;
    public static final int PROTOCOL_TCP = 6;
    public static final int PROTOCOL_UDP = 17;
    public static final int PROTOCOL_IPV6 = 41;
    public static final int PROTOCOL_ICMPV6 = 58;
    public static final int PROTOCOL_SCTP = 132;

    private static final int TYPE_OF_SERVICE_OFFSET = 1;
    private static final int TOTAL_LENGTH_OFFSET = 2;
    private static final int IDENTIFICATION_OFFSET = 4;
    private static final int FLAGS_OFFSET = 6;
    private static final int TIME_TO_LIVE_OFFSET = 8;
    private static final int PROTOCOL_OFFSET = 9;
    private static final int CHECKSUM_OFFSET = 10;
    private static final int SOURCE_OFFSET = 12;
    private static final int DESTINATION_OFFSET = 16;

    private static final int FRAGMENT_OFFSET_MASK = 0x1fff;

    private Ipv4() {}

    public static int version(long ip) {
        return Memory.u8(ip) >>> 4;
    }

    public static void setVersion(long ip, int version) {
        Memory.putU8(ip, version << 4 | (Memory.u8(ip) & 0x0f));
    }

    /** The header's length with options, in bytes; below {@value #MIN_HEADER_BYTES} it is a lie. */
    public static int headerBytes(long ip) {
        return (Memory.u8(ip) & 0x0f) << 2;
    }

    /** Sets the header's length, a multiple of 4 up to 60 bytes. */
    public static void setHeaderBytes(long ip, int bytes) {
        Memory.putU8(ip, (Memory.u8(ip) & 0xf0) | (bytes >>> 2 & 0x0f));
    }

    public static int typeOfService(long ip) {
        return Memory.u8(ip + TYPE_OF_SERVICE_OFFSET);
    }

    public static void setTypeOfService(long ip, int typeOfService) {
        Memory.putU8(ip + TYPE_OF_SERVICE_OFFSET, typeOfService);
    }

    /** Header and payload, in bytes. */
    public static int totalLength(long ip) {
        return Memory.u16(ip + TOTAL_LENGTH_OFFSET);
    }

    public static void setTotalLength(long ip, int bytes) {
        Memory.putU16(ip + TOTAL_LENGTH_OFFSET, bytes);
    }

    public static int identification(long ip) {
        return Memory.u16(ip + IDENTIFICATION_OFFSET);
    }

    public static void setIdentification(long ip, int identification) {
        Memory.putU16(ip + IDENTIFICATION_OFFSET, identification);
    }

    /** The three flags and the fragment offset in units of 8 bytes, as they stand in the header. */
    public static int flagsAndOffset(long ip) {
        return Memory.u16(ip + FLAGS_OFFSET);
    }

    public static void setFlagsAndOffset(long ip, int flagsAndOffset) {
        Memory.putU16(ip + FLAGS_OFFSET, flagsAndOffset);
    }

    public static boolean dontFragment(long ip) {
        return (flagsAndOffset(ip) & DONT_FRAGMENT) != 0;
    }

    public static boolean moreFragments(long ip) {
        return (flagsAndOffset(ip) & MORE_FRAGMENTS) != 0;
    }

    /** Where this fragment's payload belongs in the datagram's, in bytes. */
    public static int fragmentOffset(long ip) {
        return (flagsAndOffset(ip) & FRAGMENT_OFFSET_MASK) << 3;
    }

    /** Tells whether this is one of several fragments, the first and the last included. */
    public static boolean isFragment(long ip) {
        return (flagsAndOffset(ip) & (MORE_FRAGMENTS | FRAGMENT_OFFSET_MASK)) != 0;
    }

    public static int timeToLive(long ip) {
        return Memory.u8(ip + TIME_TO_LIVE_OFFSET);
    }

    public static void setTimeToLive(long ip, int hops) {
        Memory.putU8(ip + TIME_TO_LIVE_OFFSET, hops);
    }

    public static int protocol(long ip) {
        return Memory.u8(ip + PROTOCOL_OFFSET);
    }

    public static void setProtocol(long ip, int protocol) {
        Memory.putU8(ip + PROTOCOL_OFFSET, protocol);
    }

    public static int checksum(long ip) {
        return Memory.u16(ip + CHECKSUM_OFFSET);
    }

    public static void setChecksum(long ip, int checksum) {
        Memory.putU16(ip + CHECKSUM_OFFSET, checksum);
    }

    public static int source(long ip) {
        return Memory.u32(ip + SOURCE_OFFSET);
    }

    public static void setSource(long ip, int address) {
        Memory.putU32(ip + SOURCE_OFFSET, address);
    }

    public static int destination(long ip) {
        return Memory.u32(ip + DESTINATION_OFFSET);
    }

    public static void setDestination(long ip, int address) {
        Memory.putU32(ip + DESTINATION_OFFSET, address);
    }
}
