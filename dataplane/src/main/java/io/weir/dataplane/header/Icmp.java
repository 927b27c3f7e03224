package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * The ICMP header (RFC 792); ICMPv6 (RFC 4443 section 2.1) has the same layout and other numbers.
 *
 * <pre>
 *  0               1               2                               4
 * +---------------+---------------+-------------------------------+
 * |     type      |     code      |           checksum            |
 * +---------------+---------------+-------------------------------+
 * |       rest: identifier and sequence, gateway, MTU, ...        |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Icmp {
    public static final int HEADER_BYTES = 8;
    public static final int CHECKSUM_OFFSET = 2;

    public static final int ECHO_REPLY = 0;
    public static final int DESTINATION_UNREACHABLE = 3;
    public static final int SOURCE_QUENCH = 4;
    public static final int REDIRECT = 5;
    public static final int ECHO_REQUEST = 8;
    public static final int TIME_EXCEEDED = 11;
    public static final int PARAMETER_PROBLEM = 12;
    public static final int TIMESTAMP_REQUEST = 13;
    public static final int TIMESTAMP_REPLY = 14;

    public static final int CODE_HOST_UNREACHABLE = 1;
    public static final int CODE_PROTOCOL_UNREACHABLE = 2;
    public static final int CODE_PORT_UNREACHABLE = 3;
    public static final int CODE_FRAGMENTATION_NEEDED = 4;
    public static final int CODE_TTL_EXCEEDED = 0;
    public static final int CODE_REASSEMBLY_TIME_EXCEEDED = 1;

    /** ICMPv6: types below 128 are errors (RFC 4443 section 2.1). */
    public static final int V6_DESTINATION_UNREACHABLE = 1;

    public static final int V6_PACKET_TOO_BIG = 2;
    public static final int V6_TIME_EXCEEDED = 3;
    public static final int V6_PARAMETER_PROBLEM = 4;
    public static final int V6_ECHO_REQUEST = 128;
    public static final int V6_ECHO_REPLY = 129;

    public static final int V6_CODE_ADDRESS_UNREACHABLE = 3;
    public static final int V6_CODE_PORT_UNREACHABLE = 4;
    public static final int V6_CODE_HOP_LIMIT_EXCEEDED = 0;
    public static final int V6_CODE_REASSEMBLY_TIME_EXCEEDED = 1;
    public static final int V6_CODE_UNRECOGNIZED_NEXT_HEADER = 1;

    private static final int FIRST_V6_INFORMATION = 128;
    private static final int CODE_OFFSET = 1;
    private static final int REST_OFFSET = 4;

    private Icmp() {}

    public static int type(long icmp) {
        return Memory.u8(icmp);
    }

    public static void setType(long icmp, int type) {
        Memory.putU8(icmp, type);
    }

    public static int code(long icmp) {
        return Memory.u8(icmp + CODE_OFFSET);
    }

    public static void setCode(long icmp, int code) {
        Memory.putU8(icmp + CODE_OFFSET, code);
    }

    public static int checksum(long icmp) {
        return Memory.u16(icmp + CHECKSUM_OFFSET);
    }

    public static void setChecksum(long icmp, int checksum) {
        Memory.putU16(icmp + CHECKSUM_OFFSET, checksum);
    }

    /** Tells whether an ICMPv6 message is an error. */
    public static boolean isV6Error(long icmp) {
        return type(icmp) < FIRST_V6_INFORMATION;
    }

    /** The second word, whose meaning depends on the type. */
    public static int rest(long icmp) {
        return Memory.u32(icmp + REST_OFFSET);
    }

    public static void setRest(long icmp, int rest) {
        Memory.putU32(icmp + REST_OFFSET, rest);
    }
}
