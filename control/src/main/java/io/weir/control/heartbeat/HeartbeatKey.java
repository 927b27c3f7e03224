package io.weir.control.heartbeat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** The secret of a pair, from its file. */
final class HeartbeatKey {
    /** Half of what HMAC-SHA-256 can make use of. */
    static final int LEAST_BYTES = 16;

    private static final int MOST_BYTES = 4096;

    private HeartbeatKey() {}

    /**
     * Reads a key: all bytes of the file but blanks and line ends at its end.
     *
     * @throws IOException if it cannot be read or is too short; one line that says what to do
     */
    static byte[] read(Path file) throws IOException {
        byte[] bytes;
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IOException("heartbeat key " + file + " is longer than 4096 bytes");
            }
            bytes = Files.readAllBytes(file);
        } catch (FileSystemException e) {
            String reason = e instanceof NoSuchFileException ? "does not exist" : e.getReason();
            throw new IOException("heartbeat key " + file + " cannot be read: " + reason, e);
        }
        int end = bytes.length;
        while (end > 0 && Character.isWhitespace(bytes[end - 1])) {
            end--;
        }
        if (end < LEAST_BYTES) {
            throw new IOException(
                    "heartbeat key "
                            + file
                            + " has fewer than 16 bytes; make one with:"
                            + " head -c 32 /dev/urandom | base64");
        }
        return Arrays.copyOf(bytes, end);
    }
}
