package io.weir.dataplane.io.pcap;

import io.weir.dataplane.memory.Memory;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes Ethernet frames to a capture file, little endian.
 *
 * <p>The file is complete when the writer is closed. Timestamps are nanoseconds since 1970 began
 * and may go back.
 */
public final class CaptureWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int FILE_HEADER_BYTES = 24;
    private static final int RECORD_HEADER_BYTES = 16;
    private static final int ENHANCED_PACKET_HEADER_BYTES = 28;
    private static final int MAX_NAME_BYTES = 255;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long MAX_PCAP_SECONDS = 0xffff_ffffL;

    private final OutputStream stream;
    private final String name;
    private final CaptureFormat format;
    private final int interfaces;
    private final ByteBuffer header = allocate(ENHANCED_PACKET_HEADER_BYTES);
    private final byte[] scratch = new byte[CaptureInput.MAX_FRAME_BYTES];

    private CaptureWriter(OutputStream stream, String name, CaptureFormat format, int interfaces) {
        this.stream = stream;
        this.name = name;
        this.format = format;
        this.interfaces = interfaces;
    }

    /**
     * Creates a file, or empties the one that is there.
     *
     * @param interfaceNames the interfaces in the order of their numbers; only one for pcap, which
     *     keeps no name
     * @throws CaptureException if it cannot be written
     */
    public static CaptureWriter create(Path file, CaptureFormat format, List<String> interfaceNames)
            throws CaptureException {
        OutputStream stream;
        try {
            stream = Files.newOutputStream(file);
        } catch (NoSuchFileException e) {
            throw new CaptureException(file + ": cannot be created: there is no such folder", e);
        } catch (IOException e) {
            throw new CaptureException(file + ": cannot be created: " + e.getMessage(), e);
        }
        return of(stream, file.toString(), format, interfaceNames);
    }

    /**
     * Writes a capture to a stream, which it closes when it is closed.
     *
     * @param name what complaints call the stream
     * @throws CaptureException if it cannot be written
     */
    public static CaptureWriter of(
            OutputStream stream, String name, CaptureFormat format, List<String> interfaceNames)
            throws CaptureException {
        if (interfaceNames.isEmpty()
                || (format != CaptureFormat.PCAPNG && interfaceNames.size() > 1)) {
            throw new IllegalArgumentException(
                    format + " cannot have " + interfaceNames.size() + " interfaces");
        }
        CaptureWriter writer =
                new CaptureWriter(
                        new BufferedOutputStream(stream, BUFFER_BYTES),
                        name,
                        format,
                        interfaceNames.size());
        if (format == CaptureFormat.PCAPNG) {
            writer.writeSection();
            for (String interfaceName : interfaceNames) {
                writer.writeInterface(interfaceName);
            }
        } else {
            writer.writeFileHeader();
        }
        return writer;
    }

    private static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void writeFileHeader() throws CaptureException {
        boolean nanos = format == CaptureFormat.PCAP_NANOSECONDS;
        put(
                allocate(FILE_HEADER_BYTES)
                        .putInt(nanos ? PcapReader.NANOSECONDS : PcapReader.MICROSECONDS)
                        .putShort((short) PcapReader.MAJOR_VERSION)
                        .putShort((short) PcapReader.MINOR_VERSION)
                        .putLong(0)
                        .putInt(CaptureInput.MAX_FRAME_BYTES)
                        .putInt(PcapReader.ETHERNET));
    }

    private void writeSection() throws CaptureException {
        int length = PcapngReader.BLOCK_FRAME_BYTES + PcapngReader.SECTION_BODY_BYTES;
        long unknownLength = -1;
        put(
                allocate(length)
                        .putInt(PcapngReader.SECTION_HEADER)
                        .putInt(length)
                        .putInt(PcapngReader.BYTE_ORDER_MAGIC)
                        .putShort((short) PcapngReader.MAJOR_VERSION)
                        .putShort((short) 0)
                        .putLong(unknownLength)
                        .putInt(length));
    }

    private void writeInterface(String interfaceName) throws CaptureException {
        byte[] nameBytes = interfaceName.getBytes(StandardCharsets.UTF_8);
        if (nameBytes.length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "an interface name of " + nameBytes.length + " bytes");
        }
        int padded = (nameBytes.length + 3) & ~3;
        int length = PcapngReader.BLOCK_FRAME_BYTES + 8 + (4 + padded) + 8 + 4;
        ByteBuffer block =
                allocate(length)
                        .putInt(PcapngReader.INTERFACE_DESCRIPTION)
                        .putInt(length)
                        .putShort((short) PcapReader.ETHERNET)
                        .putShort((short) 0)
                        .putInt(CaptureInput.MAX_FRAME_BYTES)
                        .putShort((short) PcapngReader.OPTION_NAME)
                        .putShort((short) nameBytes.length)
                        .put(nameBytes)
                        .put(new byte[padded - nameBytes.length])
                        .putShort((short) PcapngReader.OPTION_RESOLUTION)
                        .putShort((short) 1)
                        .putInt(TimestampResolution.NANOSECONDS_CODE)
                        .putInt(PcapngReader.OPTION_END)
                        .putInt(length);
        put(block);
    }

    /**
     * Appends a frame.
     *
     * @param timestampNanos nanoseconds since 1970 began
     * @param interfaceId the interface's place in the list given at the start
     * @throws CaptureException if it cannot be written
     */
    public void write(long timestampNanos, int interfaceId, byte[] frame) throws CaptureException {
        write(timestampNanos, interfaceId, frame, frame.length);
    }

    /**
     * Appends a frame from native memory.
     *
     * @param address its first byte
     * @param length its bytes
     * @throws CaptureException if it cannot be written
     */
    public void write(long timestampNanos, int interfaceId, long address, int length)
            throws CaptureException {
        Memory.copyOut(address, scratch, 0, checked(length));
        write(timestampNanos, interfaceId, scratch, length);
    }

    private int checked(int length) throws CaptureException {
        if (length > CaptureInput.MAX_FRAME_BYTES) {
            throw new CaptureException(name + ": a frame of " + length + " bytes is too large");
        }
        return length;
    }

    private void write(long timestampNanos, int interfaceId, byte[] bytes, int length)
            throws CaptureException {
        if (interfaceId < 0 || interfaceId >= interfaces || timestampNanos < 0) {
            throw new IllegalArgumentException(
                    "interface " + interfaceId + " at " + timestampNanos + " ns");
        }
        checked(length);
        if (format == CaptureFormat.PCAPNG) {
            writeBlock(timestampNanos, interfaceId, bytes, length);
        } else {
            writeRecord(timestampNanos, bytes, length);
        }
    }

    private void writeRecord(long timestampNanos, byte[] bytes, int length)
            throws CaptureException {
        long seconds = timestampNanos / NANOS_PER_SECOND;
        int nanos = (int) (timestampNanos % NANOS_PER_SECOND);
        if (seconds > MAX_PCAP_SECONDS) {
            throw new CaptureException(name + ": pcap has no timestamps after 2106; use pcapng");
        }
        boolean micros = format == CaptureFormat.PCAP_MICROSECONDS;
        header.clear().limit(RECORD_HEADER_BYTES);
        put(
                header.putInt((int) seconds)
                        .putInt(micros ? nanos / 1000 : nanos)
                        .putInt(length)
                        .putInt(length));
        put(bytes, length);
    }

    private void writeBlock(long timestampNanos, int interfaceId, byte[] bytes, int length)
            throws CaptureException {
        int padding = -length & 3;
        int blockLength = ENHANCED_PACKET_HEADER_BYTES + length + padding + Integer.BYTES;
        header.clear();
        put(
                header.putInt(PcapngReader.ENHANCED_PACKET)
                        .putInt(blockLength)
                        .putInt(interfaceId)
                        .putInt((int) (timestampNanos >>> 32))
                        .putInt((int) timestampNanos)
                        .putInt(length)
                        .putInt(length));
        put(bytes, length);
        header.clear().limit(padding + Integer.BYTES);
        put(header.put(new byte[padding]).putInt(blockLength));
    }

    private void put(ByteBuffer filled) throws CaptureException {
        byte[] bytes = new byte[filled.position()];
        filled.flip().get(bytes);
        put(bytes, bytes.length);
    }

    private void put(byte[] bytes, int length) throws CaptureException {
        try {
            stream.write(bytes, 0, length);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private CaptureException unwritable(IOException e) {
        return new CaptureException(name + ": cannot be written: " + e.getMessage(), e);
    }

    /** Writes what is left and closes the file. */
    @Override
    public void close() throws CaptureException {
        try {
            stream.close();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }
}
