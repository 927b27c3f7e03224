package io.weir.dataplane.io.pcap;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The classic format (draft-ietf-opsawg-pcap): a header of 24 bytes, then 16 bytes before each
 * frame. The magic number tells the byte order and the unit of the timestamps' second half.
 */
final class PcapReader implements CaptureReader.Format {
    static final int MICROSECONDS = 0xa1b2c3d4;
    static final int NANOSECONDS = 0xa1b23c4d;
    static final int MAJOR_VERSION = 2;
    static final int MINOR_VERSION = 4;
    static final int ETHERNET = 1;

    private static final int HEADER_REST_BYTES = 20;
    private static final int RECORD_HEADER_BYTES = 16;
    private static final int LINK_TYPE_OFFSET = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final CaptureInput input;
    private final int nanosPerUnit;

    private PcapReader(CaptureInput input, int nanosPerUnit) {
        this.input = input;
        this.nanosPerUnit = nanosPerUnit;
    }

    /**
     * A reader for the file whose first four bytes, taken as little endian, are given.
     *
     * @return null if they are not those of a pcap file
     */
    static @Nullable PcapReader forMagic(int magic, CaptureInput input) throws CaptureException {
        int nanosPerUnit =
                switch (magic) {
                    case MICROSECONDS, 0xd4c3b2a1 -> 1000;
                    case NANOSECONDS, 0x4d3cb2a1 -> 1;
                    default -> 0;
                };
        if (nanosPerUnit == 0) {
            return null;
        }
        boolean little = magic == MICROSECONDS || magic == NANOSECONDS;
        input.setOrder(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        PcapReader reader = new PcapReader(input, nanosPerUnit);
        reader.readHeader();
        return reader;
    }

    private void readHeader() throws CaptureException {
        ByteBuffer header = input.record(HEADER_REST_BYTES, "the file header");
        int major = header.getShort() & 0xffff;
        if (major != MAJOR_VERSION) {
            throw input.problem(4, "pcap version " + major + " is not known; 2.4 is");
        }
        int linkType = header.getInt(LINK_TYPE_OFFSET);
        if (linkType != ETHERNET) {
            throw input.problem(
                    20,
                    "link type "
                            + Integer.toUnsignedString(linkType)
                            + " is not supported; only Ethernet (1) is");
        }
    }

    @Override
    public @Nullable CapturedFrame next() throws CaptureException {
        long start = input.offset();
        ByteBuffer header = input.recordOrEnd(RECORD_HEADER_BYTES, "a frame's header");
        if (header == null) {
            return null;
        }
        long seconds = Integer.toUnsignedLong(header.getInt());
        long fraction = Integer.toUnsignedLong(header.getInt());
        int length = header.getInt();
        int originalLength = header.getInt();
        if (Integer.compareUnsigned(length, CaptureInput.MAX_FRAME_BYTES) > 0) {
            throw input.problem(
                    start,
                    "a frame of "
                            + Integer.toUnsignedString(length)
                            + " bytes is claimed; the file is damaged");
        }
        byte[] bytes = input.bytes(length, "a frame");
        long nanos = seconds * NANOS_PER_SECOND + fraction * nanosPerUnit;
        return new CapturedFrame(nanos, 0, bytes, Math.max(originalLength, length));
    }
}
