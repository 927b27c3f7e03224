package io.weir.control.replay;

/** Numbers in network byte order in an array. */
final class Bytes {
    private Bytes() {}

    static int u8(byte[] bytes, int at) {
        return bytes[at] & 0xff;
    }

    static int u16(byte[] bytes, int at) {
        return u8(bytes, at) << 8 | u8(bytes, at + 1);
    }

    static void putU16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    static void putMac(byte[] bytes, int at, long mac) {
        for (int i = 0; i < 6; i++) {
            bytes[at + i] = (byte) (mac >>> (8 * (5 - i)));
        }
    }

    /** The Internet checksum (RFC 1071); 0 over data that contain a right one. */
    static int checksum(byte[] bytes, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i += 2) {
            sum += u8(bytes, i) << 8 | (i + 1 < to ? u8(bytes, i + 1) : 0);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) ~sum & 0xffff;
    }
}
