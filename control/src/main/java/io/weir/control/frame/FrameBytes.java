package io.weir.control.frame;

import java.nio.ByteBuffer;

/** What frames in arrays are made of: numbers in network byte order and the Internet checksum. */
public final class FrameBytes {
    private FrameBytes() {}

    /** The byte at an index. */
    public static int u8(byte[] bytes, int at) {
        return bytes[at] & 0xff;
    }

    /** The 16 bits that begin at an index. */
    public static int u16(byte[] bytes, int at) {
        return u8(bytes, at) << 8 | u8(bytes, at + 1);
    }

    /** Writes the low 16 bits of a number. */
    public static void putU16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    /** The Ethernet address that begins at an index, in the low 48 bits. */
    public static long mac(byte[] bytes, int at) {
        long mac = 0;
        for (int i = 0; i < 6; i++) {
            mac = mac << 8 | u8(bytes, at + i);
        }
        return mac;
    }

    /** Writes an Ethernet address, which is in the low 48 bits. */
    public static void putMac(byte[] bytes, int at, long mac) {
        for (int i = 0; i < 6; i++) {
            bytes[at + i] = (byte) (mac >>> (8 * (5 - i)));
        }
    }

    /**
     * Appends an Ethernet address, which is in the low 48 bits, to a frame that is being written.
     */
    public static void appendMac(ByteBuffer frame, long mac) {
        frame.putShort((short) (mac >> 32)).putInt((int) mac);
    }

    /**
     * The sum of 16-bit words in one's complement (RFC 1071), not complemented; 0xffff over data
     * that contain a right checksum.
     *
     * @param start what is added to it, such as the sum of a pseudo-header
     */
    public static int sum(byte[] bytes, int from, int to, int start) {
        long sum = start;
        for (int i = from; i < to; i += 2) {
            sum += u8(bytes, i) << 8 | (i + 1 < to ? u8(bytes, i + 1) : 0);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }

    /** The Internet checksum (RFC 1071); 0 over data that contain a right one. */
    public static int checksum(byte[] bytes, int from, int to) {
        return ~sum(bytes, from, to, 0) & 0xffff;
    }
}
