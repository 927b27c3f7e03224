package io.weir.dataplane.io.pcap;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bytes of a capture file, with the count that every complaint about them needs. */
final class CaptureInput implements AutoCloseable {
    /** The most that tcpdump and Wireshark keep of a frame; a larger claim is a lie. */
    static final int MAX_FRAME_BYTES = 262_144;

    private final InputStream stream;
    private final String name;
    private long offset;
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

    CaptureInput(InputStream stream, String name) {
        this.stream = stream;
        this.name = name;
    }

    /** Where the next byte to read is, from the file's beginning. */
    long offset() {
        return offset;
    }

    void setOrder(ByteOrder order) {
        this.order = order;
    }

    ByteOrder order() {
        return order;
    }

    /**
     * Reads the start of a record, or finds that the file ends properly before it.
     *
     * @return null at the end of the file
     */
    @Nullable ByteBuffer recordOrEnd(int bytes, String what) throws CaptureException {
        long start = offset;
        byte[] record = read(bytes);
        if (record.length == 0) {
            return null;
        }
        return wrap(complete(record, bytes, start, what));
    }

    /** Reads exactly so many bytes, in the file's byte order; there is memory for them. */
    ByteBuffer record(int bytes, String what) throws CaptureException {
        return wrap(bytes(bytes, what));
    }

    byte[] bytes(int bytes, String what) throws CaptureException {
        long start = offset;
        return complete(read(bytes), bytes, start, what);
    }

    private byte[] read(int bytes) throws CaptureException {
        try {
            byte[] read = stream.readNBytes(bytes);
            offset += read.length;
            return read;
        } catch (IOException e) {
            throw new CaptureException(name + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private byte[] complete(byte[] read, int bytes, long start, String what)
            throws CaptureException {
        if (read.length < bytes) {
            throw problem(start, "the file ends inside " + what);
        }
        return read;
    }

    private ByteBuffer wrap(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(order);
    }

    /** Passes over bytes that nobody needs, without memory for them. */
    void skip(long bytes, String what) throws CaptureException {
        long start = offset;
        try {
            stream.skipNBytes(bytes);
            offset += bytes;
        } catch (EOFException e) {
            throw problem(start, "the file ends inside " + what);
        } catch (IOException e) {
            throw new CaptureException(name + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** One line about what is wrong at an offset. */
    CaptureException problem(long at, String what) {
        return new CaptureException(name + ": at offset " + at + ": " + what);
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
