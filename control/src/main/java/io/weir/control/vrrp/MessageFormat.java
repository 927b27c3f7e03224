package io.weir.control.vrrp;

import io.weir.dataplane.net.IpAddress;

/**
 * Where the fields of a VRRP message are, and its checksum.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+-------+---------------+---------------+---------------+
 * |version| type  |      VRID     |   priority    | address count |
 * +-------+-------+---------------+---------------+---------------+
 * |  auth. type   | interval (s)  |           checksum            |   version 2, RFC 3768 §5.3
 * |   0   |  interval (1/100 s)   |           checksum            |   version 3, RFC 9568 §5.2
 * +---------------+---------------+---------------+---------------+
 * |                addresses, of 4 or of 16 bytes                 |
 * +---------------------------------------------------------------+
 * |               8 bytes of authentication data                  |   version 2 alone
 * +---------------------------------------------------------------+
 * </pre>
 */
final class MessageFormat {
    /** The IP protocol. */
    static final int PROTOCOL = 112;

    /** RFC 9568 §5.1.1.3: whoever receives less knows that it has come through a router. */
    static final int HOP_LIMIT = 255;

    /** 224.0.0.18. */
    static final IpAddress GROUP = IpAddress.v4(0xe0000012);

    /** ff02::12. */
    static final IpAddress GROUP6 = IpAddress.v6(0xff02_0000_0000_0000L, 0x12);

    static final int TYPE_ADVERTISEMENT = 1;
    static final int HEADER_BYTES = 8;
    static final int ROUTER_ID_OFFSET = 1;
    static final int PRIORITY_OFFSET = 2;
    static final int COUNT_OFFSET = 3;
    static final int AUTHENTICATION_TYPE_OFFSET = 4;
    static final int SECONDS_OFFSET = 5;
    static final int CENTISECONDS_OFFSET = 4;
    static final int CHECKSUM_OFFSET = 6;

    static final int PASSWORD_BYTES = 8;
    static final int AUTHENTICATION_NONE = 0;

    /** RFC 2338 §5.3.6.1, gone from RFC 3768 and used all the same. */
    static final int AUTHENTICATION_PASSWORD = 1;

    /** 12 bits. */
    static final int CENTISECONDS_MASK = 0xfff;

    private static final int LOW_16 = 0xffff;

    private MessageFormat() {}

    static int u8(byte[] message, int at) {
        return message[at] & 0xff;
    }

    static int u16(byte[] message, int at) {
        return u8(message, at) << 8 | u8(message, at + 1);
    }

    static int addressBytes(boolean ipv6) {
        return ipv6 ? 16 : 4;
    }

    /** The bytes of a whole message. */
    static int messageBytes(int version, boolean ipv6, int addresses) {
        return HEADER_BYTES + addresses * addressBytes(ipv6) + (version == 2 ? PASSWORD_BYTES : 0);
    }

    /** The group that all routers of a family listen to. */
    static IpAddress group(boolean ipv6) {
        return ipv6 ? GROUP6 : GROUP;
    }

    /**
     * The checksum over a message alone, with what its own field holds taken in: 0 over a message
     * whose checksum is good, and what belongs into the field over one whose field is 0.
     */
    static int checksum(byte[] message) {
        return ~fold(sum(message)) & LOW_16;
    }

    /**
     * The checksum over a pseudo header too: that of RFC 8200 §8.1 for IPv6, that of UDP for IPv4.
     */
    static int checksum(byte[] message, IpAddress source, IpAddress destination) {
        long pseudo = sum(source.toBytes()) + sum(destination.toBytes());
        return ~fold(sum(message) + pseudo + message.length + PROTOCOL) & LOW_16;
    }

    private static long sum(byte[] bytes) {
        long sum = 0;
        int even = bytes.length & ~1;
        for (int i = 0; i < even; i += 2) {
            sum += u16(bytes, i);
        }
        return even == bytes.length ? sum : sum + ((long) u8(bytes, even) << 8);
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded > LOW_16) {
            folded = (folded >>> 16) + (folded & LOW_16);
        }
        return (int) folded;
    }
}
