package io.weir.control.lab;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * A web server that answers every request with its name, and in two header fields with the
 * addresses between which it was asked. It serves one connection after the other, on a thread of
 * its own.
 */
final class NamedServer implements AutoCloseable {
    private static final int BACKLOG = 128;
    private static final int READ_MILLIS = 2000;
    private static final int REQUEST_LIMIT_BYTES = 8 << 10;

    private final String name;
    private final ServerSocket listener;

    private NamedServer(String name, ServerSocket listener) {
        this.name = name;
        this.listener = listener;
    }

    /** Listens on all addresses of a namespace. */
    static NamedServer start(NetworkNamespace namespace, String name, int port) throws IOException {
        ServerSocket listener = namespace.call(() -> new ServerSocket(port, BACKLOG));
        NamedServer server = new NamedServer(name, listener);
        Thread.ofPlatform().daemon().name(name).start(server::serve);
        return server;
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (Socket connection = listener.accept()) {
                connection.setSoTimeout(READ_MILLIS);
                answer(connection);
            } catch (IOException e) {
                // The client has gone, or the listener was closed; either way the loop knows.
            }
        }
    }

    private void answer(Socket connection) throws IOException {
        readHead(connection.getInputStream());
        InetSocketAddress client = (InetSocketAddress) connection.getRemoteSocketAddress();
        String response =
                HttpExchange.response(
                        name,
                        client.getAddress().getHostAddress(),
                        connection.getLocalAddress().getHostAddress());
        connection.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
        connection.shutdownOutput();
        // Closing with unread bytes would send a reset instead of the answer.
        connection.getInputStream().readAllBytes();
    }

    private static void readHead(InputStream input) throws IOException {
        int matched = 0;
        for (int i = 0; i < REQUEST_LIMIT_BYTES && matched < 4; i++) {
            int next = input.read();
            if (next < 0) {
                throw new IOException("the request is not complete");
            }
            matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            // Closed is closed.
        }
    }
}
