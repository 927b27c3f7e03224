package io.weir.control.e2e;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.sys.NetworkNamespace;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Answers each connection with the line {@code NAME CLIENT-ADDRESS OWN-ADDRESS} once its client has
 * closed its side. A platform thread accepts, a virtual one serves.
 */
final class LineServer implements Closeable {
    private static final int BACKLOG = 1024;
    private static final int READ_MILLIS = 20_000;

    /** Clients that say nothing are for tests to end, not for the server. */
    private static final int IDLE_MILLIS = 120_000;

    private final String name;
    private final ServerSocket listener;

    private LineServer(String name, ServerSocket listener) {
        this.name = name;
        this.listener = listener;
    }

    static LineServer start(NetworkNamespace namespace, String name, int port) throws IOException {
        ServerSocket listener = namespace.call(() -> new ServerSocket(port, BACKLOG));
        LineServer server = new LineServer(name, listener);
        Thread.ofPlatform().daemon().name(name).start(server::accept);
        return server;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket connection = listener.accept();
                Thread.startVirtualThread(() -> serve(connection));
            } catch (IOException e) {
                // The listener was closed.
            }
        }
    }

    private void serve(Socket accepted) {
        try (Socket connection = accepted) {
            connection.setSoTimeout(IDLE_MILLIS);
            connection.getInputStream().readAllBytes();
            InetSocketAddress client = (InetSocketAddress) connection.getRemoteSocketAddress();
            String answer =
                    String.join(
                            " ",
                            name,
                            text(client.getAddress()),
                            text(connection.getLocalAddress()));
            connection.getOutputStream().write((answer + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // The client sees it and reports it.
        }
    }

    private static String text(InetAddress address) {
        return IpAddress.of(address.getAddress()).toString();
    }

    /** Connects from a namespace and returns the answer, for which it waits long. */
    static String ask(NetworkNamespace from, String host, int port) throws IOException {
        return ask(from, host, port, READ_MILLIS);
    }

    /** Connects from a namespace and returns the answer, which has to come in so many ms. */
    static String ask(NetworkNamespace from, String host, int port, int millis) throws IOException {
        return from.call(() -> ask(host, port, millis));
    }

    /** Connects from an address of a namespace and returns the answer. */
    static String askFrom(NetworkNamespace from, String address, String host, int port)
            throws IOException {
        return askFromPort(from, address, 0, host, port);
    }

    /** Connects from an address and a port, 0 for any, of a namespace and returns the answer. */
    static String askFromPort(
            NetworkNamespace from, String address, int ownPort, String host, int port)
            throws IOException {
        return from.call(
                () -> {
                    try (Socket socket = new Socket()) {
                        socket.setReuseAddress(true);
                        socket.bind(new InetSocketAddress(address, ownPort));
                        return ask(socket, host, port, READ_MILLIS);
                    }
                });
    }

    /** Connects from the calling thread's namespace and returns the answer. */
    static String ask(String host, int port, int millis) throws IOException {
        try (Socket socket = new Socket()) {
            return ask(socket, host, port, millis);
        }
    }

    private static String ask(Socket socket, String host, int port, int millis) throws IOException {
        socket.setSoTimeout(millis);
        socket.connect(new InetSocketAddress(host, port), millis);
        // The first to close keeps the port from being used again; RFC 9293 §3.6.1.
        socket.shutdownOutput();
        return readLine(socket);
    }

    private static String readLine(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("connection ended after '" + line + "'");
            }
            if (next == '\n') {
                return line.toString();
            }
            line.append((char) next);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
