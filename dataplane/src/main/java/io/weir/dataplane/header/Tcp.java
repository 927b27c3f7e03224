package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * The TCP header (RFC 9293 section 3.1).
 *
 * <pre>
 *  0       4       8               16                            31
 * +-------------------------------+-------------------------------+
 * |          source port          |       destination port        |
 * +-------------------------------+-------------------------------+
 * |                        sequence number                        |
 * +---------------------------------------------------------------+
 * |                    acknowledgement number                     |
 * +-------+-------+---------------+-------------------------------+
 * |offset | rsrvd |     flags     |            window             |
 * +-------+-------+---------------+-------------------------------+
 * |           checksum            |        urgent pointer         |
 * +-------------------------------+-------------------------------+
 * </pre>
 */
public final class Tcp {
    public static final int MIN_HEADER_BYTES = 20;
    public static final int CHECKSUM_OFFSET = 16;

    public static final int FIN = 1;
    public static final int SYN = 2;
    public static final int RST = 4;
    public static final int PSH = 8;
    public static final int ACK = 16;
    public static final int URG = 32;
    public static final int CWR = 128;

    private static final int DESTINATION_PORT_OFFSET = 2;
    private static final int SEQUENCE_OFFSET = 4;
    private static final int ACKNOWLEDGEMENT_OFFSET = 8;
    private static final int DATA_OFFSET_OFFSET = 12;
    private static final int FLAGS_OFFSET = 13;
    private static final int WINDOW_OFFSET = 14;
    private static final int URGENT_POINTER_OFFSET = 18;

    private Tcp() {}

    public static int sourcePort(long tcp) {
        return Memory.u16(tcp);
    }

    public static void setSourcePort(long tcp, int port) {
        Memory.putU16(tcp, port);
    }

    public static int destinationPort(long tcp) {
        return Memory.u16(tcp + DESTINATION_PORT_OFFSET);
    }

    public static void setDestinationPort(long tcp, int port) {
        Memory.putU16(tcp + DESTINATION_PORT_OFFSET, port);
    }

    public static int sequence(long tcp) {
        return Memory.u32(tcp + SEQUENCE_OFFSET);
    }

    public static void setSequence(long tcp, int sequence) {
        Memory.putU32(tcp + SEQUENCE_OFFSET, sequence);
    }

    public static int acknowledgement(long tcp) {
        return Memory.u32(tcp + ACKNOWLEDGEMENT_OFFSET);
    }

    public static void setAcknowledgement(long tcp, int acknowledgement) {
        Memory.putU32(tcp + ACKNOWLEDGEMENT_OFFSET, acknowledgement);
    }

    /** The header's length with options, in bytes; below {@value #MIN_HEADER_BYTES} it is a lie. */
    public static int headerBytes(long tcp) {
        return Memory.u8(tcp + DATA_OFFSET_OFFSET) >>> 4 << 2;
    }

    /** Sets the header's length, a multiple of 4 up to 60 bytes. */
    public static void setHeaderBytes(long tcp, int bytes) {
        int reserved = Memory.u8(tcp + DATA_OFFSET_OFFSET) & 0x0f;
        Memory.putU8(tcp + DATA_OFFSET_OFFSET, bytes >>> 2 << 4 | reserved);
    }

    /** The eight control bits from CWR down to {@link #FIN}. */
    public static int flags(long tcp) {
        return Memory.u8(tcp + FLAGS_OFFSET);
    }

    public static void setFlags(long tcp, int flags) {
        Memory.putU8(tcp + FLAGS_OFFSET, flags);
    }

    /** The receive window as sent, before scaling (RFC 7323). */
    public static int window(long tcp) {
        return Memory.u16(tcp + WINDOW_OFFSET);
    }

    public static void setWindow(long tcp, int window) {
        Memory.putU16(tcp + WINDOW_OFFSET, window);
    }

    public static int checksum(long tcp) {
        return Memory.u16(tcp + CHECKSUM_OFFSET);
    }

    public static void setChecksum(long tcp, int checksum) {
        Memory.putU16(tcp + CHECKSUM_OFFSET, checksum);
    }

    public static int urgentPointer(long tcp) {
        return Memory.u16(tcp + URGENT_POINTER_OFFSET);
    }

    public static void setUrgentPointer(long tcp, int offset) {
        Memory.putU16(tcp + URGENT_POINTER_OFFSET, offset);
    }
}
