package io.weir.control.lab.failover;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A real server: over TCP it greets whoever asks for "hello" and sends {@link #byteAt} at a steady
 * rate, for ever, to whoever asks for "download"; over UDP it returns what it gets. A thread for
 * each connection.
 */
final class PacedServer implements AutoCloseable {
    static final int PORT = 80;

    /** The port of the datagrams. */
    static final int ECHO_PORT = 7;

    static final String HELLO = "hello";
    static final String DOWNLOAD = "download";

    /** The rate of a download. */
    static final int BYTES_PER_SECOND = 4 << 20;

    private static final int BACKLOG = 1024;
    private static final int CHUNK_BYTES = 16 << 10;
    private static final int REQUEST_BYTES = 64;
    private static final int PERIOD = 251;

    private final ServerSocket listener;
    private final DatagramSocket echo;

    private PacedServer(ServerSocket listener, DatagramSocket echo) {
        this.listener = listener;
        this.echo = echo;
    }

    /** Listens on all addresses of a namespace. */
    static PacedServer start(NetworkNamespace namespace, String name) throws IOException {
        PacedServer server =
                namespace.call(
                        () ->
                                new PacedServer(
                                        new ServerSocket(PORT, BACKLOG),
                                        new DatagramSocket(ECHO_PORT)));
        Thread.ofPlatform().daemon().name(name).start(() -> server.accept(name));
        Thread.ofPlatform().daemon().name(name + "-echo").start(server::returnDatagrams);
        return server;
    }

    /** The byte at a position of every download: a period that no power of two divides. */
    static byte byteAt(long position) {
        return (byte) (position % PERIOD);
    }

    private void accept(String name) {
        while (!listener.isClosed()) {
            try {
                Socket connection = listener.accept();
                Thread.ofVirtual().start(() -> serve(connection, name));
            } catch (IOException e) {
                // Closed, which the loop sees, or a client that has gone already.
            }
        }
    }

    private static void serve(Socket connection, String name) {
        try (connection) {
            String request = readLine(connection.getInputStream());
            OutputStream output = connection.getOutputStream();
            if (request.equals(DOWNLOAD)) {
                send(output);
            } else {
                output.write((HELLO + " from " + name + "\n").getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            // The client has what it wanted, or has gone.
        }
    }

    private static String readLine(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0 || line.length() == REQUEST_BYTES) {
                throw new IOException("not a request");
            }
            line.append((char) next);
        }
        return line.toString();
    }

    private static void send(OutputStream output) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        long pause = TimeUnit.SECONDS.toNanos(1) * CHUNK_BYTES / BYTES_PER_SECOND;
        long next = System.nanoTime();
        for (long position = 0; ; position += CHUNK_BYTES) {
            for (int i = 0; i < CHUNK_BYTES; i++) {
                chunk[i] = byteAt(position + i);
            }
            output.write(chunk);
            // What was missed while the connection stood still is not made up for.
            next = Math.max(next + pause, System.nanoTime());
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    private void returnDatagrams() {
        DatagramPacket packet = new DatagramPacket(new byte[REQUEST_BYTES], REQUEST_BYTES);
        while (!echo.isClosed()) {
            try {
                packet.setLength(REQUEST_BYTES);
                echo.receive(packet);
                echo.send(packet);
            } catch (IOException e) {
                // Closed, which the loop sees, or an error that the network told about an answer.
            }
        }
    }

    @Override
    public void close() {
        echo.close();
        try {
            listener.close();
        } catch (IOException e) {
            // Closed is closed.
        }
    }
}
