package io.weir.control.heartbeat;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The backup of the manual's pair as pulse would speak, word by word. */
final class FakePulse implements AutoCloseable {
    static final int RUNNING = 0xBDADDBDA;
    static final int STOPPED = 0xADBDDABD;

    private final DatagramSocket socket;
    private volatile int heard;

    private FakePulse(DatagramSocket socket) {
        this.socket = socket;
        Thread.ofPlatform().daemon().name("fake-pulse").start(this::listen);
    }

    static FakePulse open(NetworkNamespace namespace) throws IOException {
        return new FakePulse(
                namespace.call(
                        () ->
                                new DatagramSocket(
                                        new InetSocketAddress(
                                                PairRouter.BACKUP, PairRouter.PORT))));
    }

    void say(int magic) throws IOException {
        byte[] message =
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(magic).array();
        socket.send(
                new DatagramPacket(
                        message,
                        message.length,
                        InetAddress.getByName(PairRouter.PRIMARY),
                        PairRouter.PORT));
    }

    private void listen() {
        byte[] buffer = new byte[100];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                heard =
                        packet.getLength() == 4
                                ? ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN).getInt()
                                : 0;
            }
        } catch (IOException e) {
            heard = 0;
        }
    }

    /** The last word that arrived, 0 if none did. */
    int heard() {
        return heard;
    }

    @Override
    public void close() {
        socket.close();
    }
}
