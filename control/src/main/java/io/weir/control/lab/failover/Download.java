package io.weir.control.lab.failover;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One long TCP connection through the pair, every byte of which is looked at. */
final class Download implements AutoCloseable {
    private static final int CONNECT_MILLIS = 3000;
    private static final int BUFFER_BYTES = 64 << 10;

    private final Socket socket;
    private final Silence silence = new Silence();
    private volatile long bytes;
    private volatile String broken = "";
    private volatile boolean closed;

    private Download(Socket socket) {
        this.socket = socket;
    }

    /** Connects to the virtual address from a namespace and begins. */
    static Download start(NetworkNamespace client) throws IOException {
        Socket socket = new Socket();
        InetSocketAddress server = new InetSocketAddress(PairNetwork.VIRTUAL, PacedServer.PORT);
        String request = PacedServer.DOWNLOAD + "\n";
        try {
            client.call(
                    () -> {
                        socket.connect(server, CONNECT_MILLIS);
                        return server;
                    });
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        Download download = new Download(socket);
        Thread.ofPlatform().daemon().name("download").start(download::read);
        return download;
    }

    private void read() {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream input = socket.getInputStream();
            for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    if (buffer[i] != PacedServer.byteAt(bytes + i)) {
                        throw new IOException("byte " + (bytes + i) + " is wrong");
                    }
                }
                advance(count);
                silence.sign();
            }
            end("the server ended it");
        } catch (IOException e) {
            end(String.valueOf(e.getMessage()));
        }
    }

    // One thread alone writes it.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void advance(int count) {
        bytes += count;
    }

    private void end(String reason) {
        if (!closed) {
            broken = reason;
        }
    }

    /** The time between bytes. */
    Silence silence() {
        return silence;
    }

    /** Bytes received so far, all of them right. */
    long bytes() {
        return bytes;
    }

    /** What broke it, empty while it goes on. */
    String broken() {
        return broken;
    }

    @Override
    public void close() {
        closed = true;
        try {
            socket.close();
        } catch (IOException e) {
            // Closed is closed.
        }
    }
}
