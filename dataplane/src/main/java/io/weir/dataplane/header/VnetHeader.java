package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * What a frame that never saw a wire still lacks: virtio_net_hdr, legacy form (Virtual I/O Device
 * specification 1.2 section 5.1.6, linux/virtio_net.h).
 *
 * <pre>
 *  0       1          2               4          6                8
 * +-------+----------+---------------+----------+----------------+-----------------+
 * | flags | gso type | header length | gso size | checksum start | checksum offset |
 * +-------+----------+---------------+----------+----------------+-----------------+
 * </pre>
 *
 * <p>Packet sockets use the machine's byte order, which is little endian wherever weir runs.
 */
public final class VnetHeader {
    public static final int BYTES = 10;

    /** Flag: the checksum field holds the folded pseudo-header sum; the rest is to be added. */
    public static final int NEEDS_CHECKSUM = 1;

    /** Flag: the receiver has verified the checksum. */
    public static final int DATA_VALID = 2;

    public static final int GSO_NONE = 0;
    public static final int GSO_TCPV4 = 1;
    public static final int GSO_TCPV6 = 4;
    public static final int GSO_UDP_L4 = 5;

    /** Set in the segmentation type beside the TCP ones: the segments carry CWR (RFC 3168). */
    public static final int GSO_ECN = 0x80;

    private static final int GSO_TYPE_OFFSET = 1;
    private static final int HEADER_LENGTH_OFFSET = 2;
    private static final int GSO_SIZE_OFFSET = 4;
    private static final int CHECKSUM_START_OFFSET = 6;
    private static final int CHECKSUM_OFFSET_OFFSET = 8;

    private VnetHeader() {}

    /** Describes a plain frame: nothing to fill in, nothing to cut. */
    public static void clear(long vnet) {
        Memory.putNativeLong(vnet, 0);
        Memory.putNativeShort(vnet + CHECKSUM_OFFSET_OFFSET, 0);
    }

    public static int flags(long vnet) {
        return Memory.u8(vnet);
    }

    public static void setFlags(long vnet, int flags) {
        Memory.putU8(vnet, flags);
    }

    public static int gsoType(long vnet) {
        return Memory.u8(vnet + GSO_TYPE_OFFSET);
    }

    public static void setGsoType(long vnet, int type) {
        Memory.putU8(vnet + GSO_TYPE_OFFSET, type);
    }

    /** Bytes of all headers of the frame, Ethernet included; a hint, exact only for segments. */
    public static int headerLength(long vnet) {
        return Memory.nativeShort(vnet + HEADER_LENGTH_OFFSET);
    }

    public static void setHeaderLength(long vnet, int bytes) {
        Memory.putNativeShort(vnet + HEADER_LENGTH_OFFSET, bytes);
    }

    /** Bytes of payload in each segment to cut. */
    public static int gsoSize(long vnet) {
        return Memory.nativeShort(vnet + GSO_SIZE_OFFSET);
    }

    public static void setGsoSize(long vnet, int bytes) {
        Memory.putNativeShort(vnet + GSO_SIZE_OFFSET, bytes);
    }

    /** Where the bytes to sum start, counted from the frame's first byte. */
    public static int checksumStart(long vnet) {
        return Memory.nativeShort(vnet + CHECKSUM_START_OFFSET);
    }

    public static void setChecksumStart(long vnet, int bytes) {
        Memory.putNativeShort(vnet + CHECKSUM_START_OFFSET, bytes);
    }

    /** Where the checksum field is, counted from {@link #checksumStart}. */
    public static int checksumOffset(long vnet) {
        return Memory.nativeShort(vnet + CHECKSUM_OFFSET_OFFSET);
    }

    public static void setChecksumOffset(long vnet, int bytes) {
        Memory.putNativeShort(vnet + CHECKSUM_OFFSET_OFFSET, bytes);
    }
}
