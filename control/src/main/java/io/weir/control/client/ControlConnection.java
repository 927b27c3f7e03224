package io.weir.control.client;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * One HTTP/1.1 request to the daemon and its response (RFC 9112), over the control socket.
 *
 * <p>It says {@code Connection: close} and understands both ways in which the daemon ends a body, a
 * length and chunks. Used by one thread.
 */
public final class ControlConnection implements AutoCloseable {
    private static final int HEAD_LIMIT_BYTES = 16 << 10;

    private final SocketChannel channel;
    private final ByteBuffer received = ByteBuffer.allocate(16 << 10).flip();
    private int status;

    private ControlConnection(SocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Connects to the daemon of this network namespace.
     *
     * @param explicit the socket's path if the user gave one, else null
     * @throws NoDaemonException if nothing answers there; its message is for the user
     * @throws IOException if there is no /proc
     */
    public static ControlConnection open(@Nullable String explicit) throws IOException {
        boolean denied = false;
        for (Path path : ControlSocket.candidates(explicit)) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
                return new ControlConnection(channel);
            } catch (IOException e) {
                channel.close();
                denied |= isDenied(path);
            }
        }
        throw new NoDaemonException(
                denied ? "Permission denied (you must be root)" : nobody(explicit));
    }

    // A refused connection and a missing file both mean that no daemon runs; only a file that is
    // there, or may be there, and must not be used is another matter.
    private static boolean isDenied(Path path) {
        try {
            Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS);
            return !Files.isWritable(path);
        } catch (AccessDeniedException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static String nobody(@Nullable String explicit) throws IOException {
        String given = explicit != null ? explicit : System.getenv(ControlSocket.ENVIRONMENT);
        if (given != null && !given.isEmpty()) {
            return "no weir daemon listens on " + given;
        }
        return "no weir daemon runs in this network namespace ("
                + ControlSocket.namespace()
                + "), start one with 'weir run'";
    }

    /**
     * Sends the request and reads the head of the response.
     *
     * @param method GET, PUT, PATCH, POST or DELETE
     * @param target path and query, already encoded
     * @param accept the media type wanted
     * @param body null for none
     */
    public void send(String method, String target, String accept, byte @Nullable [] body)
            throws IOException {
        send(method, target, accept, body, "text/plain");
    }

    /**
     * Sends the request and reads the head of the response.
     *
     * @param type the body's media type; see {@link #send(String, String, String, byte[])}
     */
    public void send(
            String method, String target, String accept, byte @Nullable [] body, String type)
            throws IOException {
        StringBuilder head = new StringBuilder(256);
        head.append(method).append(' ').append(target);
        head.append(" HTTP/1.1\r\nHost: weir\r\nConnection: close\r\nAccept: ").append(accept);
        if (body != null) {
            head.append("\r\nContent-Type: ").append(type);
            head.append("\r\nContent-Length: ").append(body.length);
        }
        head.append("\r\n\r\n");
        write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        if (body != null) {
            write(body);
        }
    }

    private void write(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /**
     * Reads the head of the response.
     *
     * @return the body, which ends where the daemon ended it and throws {@link EOFException} if the
     *     daemon went away before
     */
    public InputStream response() throws IOException {
        status = statusOf(line());
        long length = -1;
        boolean chunked = false;
        int headBytes = 0;
        for (String header = line(); !header.isEmpty(); header = line()) {
            headBytes += header.length();
            if (headBytes > HEAD_LIMIT_BYTES) {
                throw new IOException("the answer's head is too long");
            }
            int colon = header.indexOf(':');
            String name = colon < 0 ? header : header.substring(0, colon);
            String value = colon < 0 ? "" : header.substring(colon + 1).trim();
            if (name.equalsIgnoreCase("Content-Length")) {
                length = Long.parseLong(value);
            } else if (name.equalsIgnoreCase("Transfer-Encoding")) {
                chunked = value.equalsIgnoreCase("chunked");
            }
        }
        return new ResponseBody(this, chunked, length);
    }

    private static int statusOf(String line) throws IOException {
        if (!line.startsWith("HTTP/1.1 ") || line.length() < 12) {
            throw new IOException("the answer is not HTTP/1.1");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    /** The status code of the response. */
    public int status() {
        return status;
    }

    /** Reads up to a CRLF, which is left out. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        while (line.length() <= HEAD_LIMIT_BYTES) {
            int next = read();
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        throw new IOException("a line of the answer's head is too long");
    }

    private int read() throws IOException {
        if (!received.hasRemaining()) {
            fill();
        }
        return received.get() & 0xff;
    }

    /** Reads at least one byte and at most {@code length}. */
    int read(byte[] into, int offset, int length) throws IOException {
        if (!received.hasRemaining()) {
            fill();
        }
        int count = Math.min(length, received.remaining());
        received.get(into, offset, count);
        return count;
    }

    private void fill() throws IOException {
        received.clear();
        int count = channel.read(received);
        received.flip();
        if (count < 0) {
            throw new EOFException("the weir daemon ended before its answer was complete");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Nothing answers at the control socket; the message says so in one line. */
    public static final class NoDaemonException extends IOException {
        private static final long serialVersionUID = 1L;

        NoDaemonException(String message) {
            super(message);
        }
    }
}
