package io.weir.dataplane.io.pcap;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads the Ethernet frames of a capture file, pcap or pcapng, in the order they stand in it.
 *
 * <p>Holds one frame at a time and refuses what claims to be larger than 256 KiB. Other link types
 * are refused when a frame of theirs comes; blocks that hold no frame are passed over.
 */
public final class CaptureReader implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    /** What the first bytes of the file have chosen. */
    interface Format {
        @Nullable CapturedFrame next() throws CaptureException;
    }

    private final CaptureInput input;
    private final Format format;

    private CaptureReader(CaptureInput input, Format format) {
        this.input = input;
        this.format = format;
    }

    /**
     * Opens a file.
     *
     * @throws CaptureException if it cannot be read or is no capture file
     */
    public static CaptureReader open(Path file) throws CaptureException {
        InputStream stream;
        try {
            stream = Files.newInputStream(file);
        } catch (NoSuchFileException e) {
            throw new CaptureException(file + ": no such file", e);
        } catch (IOException e) {
            throw new CaptureException(file + ": cannot be opened: " + e.getMessage(), e);
        }
        try {
            return of(stream, file.toString());
        } catch (CaptureException e) {
            closeQuietly(stream, e);
            throw e;
        }
    }

    private static void closeQuietly(InputStream stream, CaptureException reason) {
        try {
            stream.close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    /**
     * Reads a capture from a stream, which it closes when it is closed.
     *
     * @param name what complaints call the stream
     * @throws CaptureException if it cannot be read or is no capture
     */
    public static CaptureReader of(InputStream stream, String name) throws CaptureException {
        CaptureInput input = new CaptureInput(new BufferedInputStream(stream, BUFFER_BYTES), name);
        ByteBuffer magic = input.recordOrEnd(Integer.BYTES, "its first four bytes");
        if (magic == null) {
            throw input.problem(0, "the file is empty; a pcap or pcapng file is needed");
        }
        int number = magic.getInt();
        if (number == PcapngReader.SECTION_HEADER) {
            return new CaptureReader(input, new PcapngReader(input));
        }
        Format pcap = PcapReader.forMagic(number, input);
        if (pcap == null) {
            throw input.problem(0, "this is neither a pcap nor a pcapng file");
        }
        return new CaptureReader(input, pcap);
    }

    /**
     * The next frame, or null after the last one.
     *
     * @throws CaptureException if the file is damaged here; do not call again
     */
    public @Nullable CapturedFrame next() throws CaptureException {
        return format.next();
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
