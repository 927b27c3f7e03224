package io.weir.dataplane.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps what a fuzz test was given last where it outlives the process: an access behind a frame's
 * end kills it, and Jazzer with it. Only when fuzzing; the file is {@code target/last-input}.
 */
public final class LastInput {
    private static final int CAPACITY = 1 << 20;
    private static final ByteBuffer FILE = map();

    private LastInput() {}

    private static ByteBuffer map() {
        String fuzzing = System.getenv("JAZZER_FUZZ");
        if (fuzzing == null || fuzzing.isEmpty()) {
            return ByteBuffer.allocate(0);
        }
        try (FileChannel file =
                FileChannel.open(
                        Path.of("target", "last-input"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            return file.map(FileChannel.MapMode.READ_WRITE, 0, CAPACITY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the length, four bytes, and the input. */
    public static void keep(byte[] input) {
        if (FILE.capacity() >= input.length + Integer.BYTES) {
            FILE.putInt(0, input.length);
            FILE.put(Integer.BYTES, input);
        }
    }
}
