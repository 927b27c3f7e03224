package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * The UDP header (RFC 768). A checksum of 0 means that the sender computed none.
 *
 * <pre>
 *  0               2               4               6               8
 * +---------------+---------------+---------------+---------------+
 * |  source port  |destinat. port |    length     |   checksum    |
 * +---------------+---------------+---------------+---------------+
 * </pre>
 */
public final class Udp {
    public static final int HEADER_BYTES = 8;
    public static final int CHECKSUM_OFFSET = 6;

    private static final int DESTINATION_PORT_OFFSET = 2;
    private static final int LENGTH_OFFSET = 4;

    private Udp() {}

    public static int sourcePort(long udp) {
        return Memory.u16(udp);
    }

    public static void setSourcePort(long udp, int port) {
        Memory.putU16(udp, port);
    }

    public static int destinationPort(long udp) {
        return Memory.u16(udp + DESTINATION_PORT_OFFSET);
    }

    public static void setDestinationPort(long udp, int port) {
        Memory.putU16(udp + DESTINATION_PORT_OFFSET, port);
    }

    /** Header and payload, in bytes. */
    public static int length(long udp) {
        return Memory.u16(udp + LENGTH_OFFSET);
    }

    public static void setLength(long udp, int bytes) {
        Memory.putU16(udp + LENGTH_OFFSET, bytes);
    }

    public static int checksum(long udp) {
        return Memory.u16(udp + CHECKSUM_OFFSET);
    }

    public static void setChecksum(long udp, int checksum) {
        Memory.putU16(udp + CHECKSUM_OFFSET, checksum);
    }
}
