package io.weir.control.e2e;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Answers each datagram with its name, a space and what was in it. On a thread of its own. */
final class DatagramServer implements Closeable {
    private static final int MOST_BYTES = 65_507;

    private final byte[] prefix;
    private final DatagramSocket socket;

    private DatagramServer(String name, DatagramSocket socket) {
        this.prefix = (name + " ").getBytes(StandardCharsets.US_ASCII);
        this.socket = socket;
    }

    /**
     * @param address the address to answer from; the kernel would pick the server's first one
     */
    static DatagramServer start(NetworkNamespace namespace, String name, String address, int port)
            throws IOException {
        DatagramSocket socket =
                namespace.call(() -> new DatagramSocket(new InetSocketAddress(address, port)));
        DatagramServer server = new DatagramServer(name, socket);
        Thread.ofPlatform().daemon().name(name).start(server::serve);
        return server;
    }

    private void serve() {
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(new byte[MOST_BYTES], MOST_BYTES);
                socket.receive(packet);
                byte[] answer = Arrays.copyOf(prefix, prefix.length + packet.getLength());
                System.arraycopy(packet.getData(), 0, answer, prefix.length, packet.getLength());
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                // Closed, or a client that has gone.
            }
        }
    }

    /** Sends a datagram from a port of the calling thread's namespace; returns the answer. */
    static String ask(int fromPort, InetSocketAddress to, String text, int millis)
            throws IOException {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            // A process that another test starts has our closed socket until it is loaded.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(fromPort));
            socket.setSoTimeout(millis);
            // Connected: an answer from another address is not for us.
            socket.connect(to);
            byte[] question = text.getBytes(StandardCharsets.US_ASCII);
            socket.send(new DatagramPacket(question, question.length));
            DatagramPacket answer = new DatagramPacket(new byte[MOST_BYTES], MOST_BYTES);
            socket.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
