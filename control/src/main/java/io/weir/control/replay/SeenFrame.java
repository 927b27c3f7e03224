package io.weir.control.replay;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The addresses of a captured IP packet.
 *
 * @param destinationMac the frame's Ethernet destination in the low 48 bits
 * @param sourceMac its Ethernet source
 */
record SeenFrame(long destinationMac, long sourceMac, IpAddress destination, IpAddress source) {
    static final int ETHERNET_HEADER = 14;

    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final long GROUP_BIT = 0x0100_0000_0000L;

    /** Where an address was seen. */
    record Source(String link, long mac) {}

    /** Reads a frame; null if it does not hold the header of an IP packet with usable addresses. */
    static @Nullable SeenFrame of(byte[] frame) {
        if (frame.length < ETHERNET_HEADER + IPV4_HEADER) {
            return null;
        }
        int type = ByteBuffer.wrap(frame).getShort(12) & 0xffff;
        if (type == IPV4) {
            return of(frame, 30, 26, 4);
        }
        if (type == IPV6 && frame.length >= ETHERNET_HEADER + IPV6_HEADER) {
            return of(frame, 38, 22, 16);
        }
        return null;
    }

    private static @Nullable SeenFrame of(byte[] frame, int destination, int source, int length) {
        IpAddress from = address(frame, source, length);
        if (from.high() == 0 && from.low() == 0) {
            return null;
        }
        long destinationMac = ByteBuffer.wrap(frame).getLong() >>> 16;
        IpAddress to = address(frame, destination, length);
        return new SeenFrame(destinationMac, sourceMac(frame), to, from);
    }

    private static IpAddress address(byte[] frame, int offset, int length) {
        return IpAddress.of(Arrays.copyOfRange(frame, offset, offset + length));
    }

    /** The Ethernet source of a frame of at least {@link #ETHERNET_HEADER} bytes. */
    static long sourceMac(byte[] frame) {
        return ByteBuffer.wrap(frame).getLong(4) & 0xffff_ffff_ffffL;
    }

    /** Sent to a group of stations. */
    boolean broadcast() {
        return (destinationMac & GROUP_BIT) != 0;
    }
}
