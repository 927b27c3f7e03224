package io.weir.dataplane.io.pcap;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The block format (draft-ietf-opsawg-pcapng): type, length, body, length again. A section header
 * sets the byte order, interface descriptions say how to read the packets that follow them.
 */
final class PcapngReader implements CaptureReader.Format {
    /** A palindrome, so that it can be read before the byte order is known. */
    static final int SECTION_HEADER = 0x0a0d0d0a;

    static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    static final int MAJOR_VERSION = 1;
    static final int INTERFACE_DESCRIPTION = 1;
    static final int OLD_PACKET = 2;
    static final int SIMPLE_PACKET = 3;
    static final int ENHANCED_PACKET = 6;

    static final int OPTION_END = 0;
    static final int OPTION_NAME = 2;
    static final int OPTION_RESOLUTION = 9;
    static final int OPTION_OFFSET = 14;

    /** Type and length before the body, length again after it. */
    static final int BLOCK_FRAME_BYTES = 12;

    /** Byte order magic, version and length of a section. */
    static final int SECTION_BODY_BYTES = 16;

    /** Body of a block that is needed as a whole: a frame and plenty of options. */
    private static final int MAX_BODY_BYTES = 4 * CaptureInput.MAX_FRAME_BYTES;

    private static final int MAX_INTERFACES = 65_536;

    private record Interface(int linkType, int snapLength, TimestampResolution resolution) {}

    private final CaptureInput input;
    private final List<Interface> interfaces = new ArrayList<>();
    private long lastTimestamp;

    /** Reads the first section header; its type has been read already. */
    PcapngReader(CaptureInput input) throws CaptureException {
        this.input = input;
        ByteBuffer length = input.record(Integer.BYTES, "the section header");
        readSection(0, length);
    }

    @Override
    public @Nullable CapturedFrame next() throws CaptureException {
        while (true) {
            long start = input.offset();
            ByteBuffer header = input.recordOrEnd(2 * Integer.BYTES, "a block's header");
            if (header == null) {
                return null;
            }
            int type = header.getInt();
            if (type == SECTION_HEADER) {
                readSection(start, header);
                continue;
            }
            long length = checkedLength(start, header.getInt());
            CapturedFrame frame = readBlock(type, start, length - BLOCK_FRAME_BYTES);
            checkTrailer(start, length);
            if (frame != null) {
                lastTimestamp = frame.timestampNanos();
                return frame;
            }
        }
    }

    private void readSection(long start, ByteBuffer length) throws CaptureException {
        int magic = input.record(Integer.BYTES, "the section header").getInt();
        if (magic == Integer.reverseBytes(BYTE_ORDER_MAGIC)) {
            boolean little = input.order() == ByteOrder.LITTLE_ENDIAN;
            input.setOrder(little ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        } else if (magic != BYTE_ORDER_MAGIC) {
            throw input.problem(start, "a section header without byte order magic");
        }
        long bytes = checkedLength(start, length.order(input.order()).getInt());
        if (bytes < BLOCK_FRAME_BYTES + SECTION_BODY_BYTES) {
            throw input.problem(start, "a section header of " + bytes + " bytes");
        }
        int rest = SECTION_BODY_BYTES - Integer.BYTES;
        int major = input.record(rest, "the section header").getShort() & 0xffff;
        if (major != MAJOR_VERSION) {
            throw input.problem(start, "pcapng version " + major + " is not known; 1 is");
        }
        input.skip(bytes - BLOCK_FRAME_BYTES - SECTION_BODY_BYTES, "the section header");
        checkTrailer(start, bytes);
        interfaces.clear();
    }

    private long checkedLength(long start, int length) throws CaptureException {
        long bytes = Integer.toUnsignedLong(length);
        if (bytes < BLOCK_FRAME_BYTES || bytes % Integer.BYTES != 0) {
            throw input.problem(
                    start, "a block of " + bytes + " bytes is claimed; the file is damaged");
        }
        return bytes;
    }

    private void checkTrailer(long start, long length) throws CaptureException {
        long trailer =
                Integer.toUnsignedLong(input.record(Integer.BYTES, "a block's end").getInt());
        if (trailer != length) {
            throw input.problem(
                    start,
                    "a block's two lengths, "
                            + length
                            + " and "
                            + trailer
                            + ", differ; the file is damaged");
        }
    }

    private @Nullable CapturedFrame readBlock(int type, long start, long bodyBytes)
            throws CaptureException {
        return switch (type) {
            case INTERFACE_DESCRIPTION -> {
                addInterface(start, body(start, bodyBytes, 8));
                yield null;
            }
            case ENHANCED_PACKET -> {
                ByteBuffer body = body(start, bodyBytes, 20);
                yield packet(start, body.getInt(), body);
            }
            case OLD_PACKET -> {
                ByteBuffer body = body(start, bodyBytes, 20);
                int interfaceId = body.getShort() & 0xffff;
                body.getShort();
                yield packet(start, interfaceId, body);
            }
            case SIMPLE_PACKET -> simplePacket(start, body(start, bodyBytes, 4));
            default -> {
                input.skip(bodyBytes, "a block");
                yield null;
            }
        };
    }

    private ByteBuffer body(long start, long bytes, int minimum) throws CaptureException {
        if (bytes < minimum || bytes > MAX_BODY_BYTES) {
            throw input.problem(
                    start, "a block's body of " + bytes + " bytes; the file is damaged");
        }
        return input.record((int) bytes, "a block");
    }

    private void addInterface(long start, ByteBuffer body) throws CaptureException {
        if (interfaces.size() == MAX_INTERFACES) {
            throw input.problem(start, "more than " + MAX_INTERFACES + " interfaces");
        }
        int linkType = body.getShort() & 0xffff;
        body.getShort();
        int snapLength = body.getInt();
        TimestampResolution resolution = resolution(start, body);
        if (!resolution.isSupported()) {
            throw input.problem(
                    start, "timestamp resolution " + resolution.code() + " is not supported");
        }
        interfaces.add(new Interface(linkType, snapLength, resolution));
    }

    private TimestampResolution resolution(long start, ByteBuffer options) throws CaptureException {
        int code = TimestampResolution.DEFAULT.code();
        long offsetSeconds = 0;
        while (options.remaining() >= 4) {
            int option = options.getShort() & 0xffff;
            int bytes = options.getShort() & 0xffff;
            int padded = (bytes + 3) & ~3;
            if (padded > options.remaining()) {
                throw input.problem(start, "an option is longer than its block");
            }
            if (option == OPTION_END) {
                break;
            }
            if (option == OPTION_RESOLUTION && bytes == 1) {
                code = options.get(options.position()) & 0xff;
            }
            if (option == OPTION_OFFSET && bytes == Long.BYTES) {
                offsetSeconds = options.getLong(options.position());
            }
            options.position(options.position() + padded);
        }
        return new TimestampResolution(code, offsetSeconds);
    }

    private Interface ethernet(long start, int interfaceId) throws CaptureException {
        if (interfaceId < 0 || interfaceId >= interfaces.size()) {
            throw input.problem(
                    start,
                    "a frame of interface "
                            + Integer.toUnsignedString(interfaceId)
                            + ", which is not described");
        }
        Interface from = interfaces.get(interfaceId);
        if (from.linkType != PcapReader.ETHERNET) {
            throw input.problem(
                    start,
                    "link type " + from.linkType + " is not supported; only Ethernet (1) is");
        }
        return from;
    }

    private CapturedFrame packet(long start, int interfaceId, ByteBuffer body)
            throws CaptureException {
        Interface from = ethernet(start, interfaceId);
        long high = Integer.toUnsignedLong(body.getInt());
        long ticks = high << 32 | Integer.toUnsignedLong(body.getInt());
        int length = body.getInt();
        int originalLength = body.getInt();
        byte[] bytes = frame(start, length, body);
        try {
            long nanos = from.resolution.nanos(ticks);
            return new CapturedFrame(nanos, interfaceId, bytes, Math.max(originalLength, length));
        } catch (ArithmeticException e) {
            throw input.problem(start, "a timestamp out of range; the file is damaged");
        }
    }

    /** A frame of the first interface without a time of its own; the frame before lends it one. */
    private CapturedFrame simplePacket(long start, ByteBuffer body) throws CaptureException {
        Interface from = ethernet(start, 0);
        int originalLength = body.getInt();
        boolean cut =
                from.snapLength != 0
                        && Integer.compareUnsigned(originalLength, from.snapLength) > 0;
        byte[] bytes = frame(start, cut ? from.snapLength : originalLength, body);
        return new CapturedFrame(lastTimestamp, 0, bytes, Math.max(originalLength, bytes.length));
    }

    private byte[] frame(long start, int length, ByteBuffer body) throws CaptureException {
        if (length < 0 || length > body.remaining() || length > CaptureInput.MAX_FRAME_BYTES) {
            throw input.problem(
                    start,
                    "a frame of "
                            + Integer.toUnsignedString(length)
                            + " bytes is claimed; the file is damaged");
        }
        byte[] bytes = new byte[length];
        body.get(bytes);
        return bytes;
    }
}
