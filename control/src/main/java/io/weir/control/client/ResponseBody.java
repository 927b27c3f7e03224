package io.weir.control.client;

import java.io.IOException;
import java.io.InputStream;

/**
 * The body of a response: chunks (RFC 9112 §7.1) or a given number of bytes. Used by one thread.
 */
final class ResponseBody extends InputStream {
    private final ControlConnection connection;
    private final boolean chunked;
    private long left;
    private boolean started;
    private boolean ended;

    /**
     * Makes the body.
     *
     * @param lengthBytes of a body that is not chunked; negative for none
     */
    ResponseBody(ControlConnection connection, boolean chunked, long lengthBytes) {
        this.connection = connection;
        this.chunked = chunked;
        this.left = chunked ? 0 : Math.max(0, lengthBytes);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0 && chunked && !ended) {
            nextChunk();
        }
        if (left == 0) {
            return -1;
        }
        int count = connection.read(into, offset, (int) Math.min(length, left));
        left -= count;
        return count;
    }

    private void nextChunk() throws IOException {
        if (started) {
            connection.line();
        }
        started = true;
        String size = connection.line();
        int extension = size.indexOf(';');
        left = Long.parseLong(extension < 0 ? size : size.substring(0, extension), 16);
        if (left == 0) {
            ended = true;
            while (!connection.line().isEmpty()) {
                // Trailers say nothing that the body does not.
            }
        }
    }
}
