package io.weir.control.check.probe;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/** A UDP server on loopback; characters stand for bytes. */
final class DatagramPeer implements Closeable {
    private static final int DATAGRAM_LIMIT_BYTES = 1 << 16;

    private final DatagramSocket socket;

    /** What is answered to a datagram of a client; null for nothing. */
    interface Answer {
        @Nullable String to(SocketAddress client, String asked) throws IOException;
    }

    private DatagramPeer(DatagramSocket socket) {
        this.socket = socket;
    }

    static DatagramPeer start(Answer answer) throws IOException {
        DatagramPeer peer = new DatagramPeer(open());
        Thread.ofVirtual().start(() -> peer.serve(answer));
        return peer;
    }

    static DatagramPeer silent() throws IOException {
        return start((client, asked) -> null);
    }

    private static DatagramSocket open() throws IOException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** A port at which nobody is. */
    static int closedPort() throws IOException {
        try (DatagramSocket socket = open()) {
            return socket.getLocalPort();
        }
    }

    /** Sends something to a client of this server's from another port. */
    static void sendFromElsewhere(SocketAddress client, String text) throws IOException {
        try (DatagramSocket other = open()) {
            send(other, client, text);
        }
    }

    private static void send(DatagramSocket socket, SocketAddress to, String text)
            throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        socket.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private void serve(Answer answer) {
        DatagramPacket packet =
                new DatagramPacket(new byte[DATAGRAM_LIMIT_BYTES], DATAGRAM_LIMIT_BYTES);
        while (!socket.isClosed()) {
            try {
                packet.setLength(DATAGRAM_LIMIT_BYTES);
                socket.receive(packet);
                String asked =
                        new String(
                                packet.getData(),
                                0,
                                packet.getLength(),
                                StandardCharsets.ISO_8859_1);
                String answered = answer.to(packet.getSocketAddress(), asked);
                if (answered != null) {
                    send(socket, packet.getSocketAddress(), answered);
                }
            } catch (IOException e) {
                // It was closed, or the client is gone.
            }
        }
    }

    int port() {
        return socket.getLocalPort();
    }

    @Override
    public void close() {
        socket.close();
    }
}
