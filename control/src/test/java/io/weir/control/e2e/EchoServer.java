package io.weir.control.e2e;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.Closeable;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

/** Sends back whatever comes, as it comes. */
final class EchoServer implements Closeable {
    private static final int BACKLOG = 1024;

    private final ServerSocket listener;

    private EchoServer(ServerSocket listener) {
        this.listener = listener;
    }

    static EchoServer start(NetworkNamespace namespace, int port) throws IOException {
        EchoServer server = new EchoServer(namespace.call(() -> new ServerSocket(port, BACKLOG)));
        Thread.ofPlatform().daemon().name("echo").start(server::accept);
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

    private static void serve(Socket accepted) {
        try (Socket connection = accepted) {
            connection.setTcpNoDelay(true);
            connection.getInputStream().transferTo(connection.getOutputStream());
        } catch (IOException e) {
            // The client sees it and reports it.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
