package io.weir.control.check.probe;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ServerSocketFactory;

/** A TCP server on loopback that treats each connection as it is told. */
final class LoopbackServer implements Closeable {
    private static final int BACKLOG = 64;

    private final ServerSocket listener;
    private final AtomicInteger ended = new AtomicInteger();
    private @Nullable Thread acceptor;

    /** What is done with a connection; it is closed afterwards. */
    interface Treatment {
        void treat(Socket connection) throws Exception;
    }

    private LoopbackServer(ServerSocket listener) {
        this.listener = listener;
    }

    static LoopbackServer start(Treatment treatment) throws IOException {
        return start(ServerSocketFactory.getDefault(), treatment);
    }

    static LoopbackServer start(ServerSocketFactory sockets, Treatment treatment)
            throws IOException {
        LoopbackServer server =
                new LoopbackServer(
                        sockets.createServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()));
        server.acceptor = Thread.ofVirtual().start(() -> server.accept(treatment));
        return server;
    }

    /** Answers with some text, after the end of an HTTP request, and closes. */
    static LoopbackServer answering(String text) throws IOException {
        return start(connection -> answer(connection, text));
    }

    static void answer(Socket connection, String text) throws IOException {
        readRequest(connection);
        send(connection, text);
    }

    static void send(Socket connection, String text) throws IOException {
        connection.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        connection.getOutputStream().flush();
    }

    /** The lines up to an empty one. */
    static String readRequest(Socket connection) throws IOException {
        StringBuilder request = new StringBuilder();
        while (!request.toString().endsWith("\r\n\r\n")) {
            int next = connection.getInputStream().read();
            if (next < 0) {
                break;
            }
            request.append((char) next);
        }
        return request.toString();
    }

    private void accept(Treatment treatment) {
        while (!listener.isClosed()) {
            try {
                Socket accepted = listener.accept();
                Thread.ofVirtual().start(() -> treat(accepted, treatment));
            } catch (IOException e) {
                // The listener was closed.
            }
        }
    }

    private void treat(Socket accepted, Treatment treatment) {
        try (accepted) {
            treatment.treat(accepted);
        } catch (Exception e) {
            // The check went away, which some tests want.
        } finally {
            ended.incrementAndGet();
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Connections that are over, as this side sees it. */
    int ended() {
        return ended.get();
    }

    /** The port is closed when this returns. */
    @Override
    public void close() throws IOException {
        listener.close();
        // The kernel's socket lives until a virtual thread that waits for connections has left it.
        try {
            Objects.requireNonNull(acceptor).join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
