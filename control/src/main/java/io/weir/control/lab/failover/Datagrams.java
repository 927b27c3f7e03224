package io.weir.control.lab.failover;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A datagram every {@value #PERIOD_MILLIS} ms that a real server returns: nothing is sent again and
 * nothing waits, so the time between answers is the time for which the network was silent.
 */
final class Datagrams implements AutoCloseable {
    static final int PERIOD_MILLIS = 4;

    private final DatagramSocket socket;
    private final Silence silence = new Silence();
    private final AtomicLong sent = new AtomicLong();

    private Datagrams(DatagramSocket socket) {
        this.socket = socket;
    }

    static Datagrams start(NetworkNamespace client) throws IOException {
        Datagrams datagrams = new Datagrams(client.call(() -> new DatagramSocket(0)));
        Thread.ofPlatform().daemon().name("datagrams-out").start(datagrams::send);
        Thread.ofPlatform().daemon().name("datagrams-in").start(datagrams::receive);
        return datagrams;
    }

    private void send() {
        InetSocketAddress target =
                new InetSocketAddress(PairNetwork.VIRTUAL, PacedServer.ECHO_PORT);
        while (!socket.isClosed()) {
            byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(sent.get()).array();
            try {
                socket.send(new DatagramPacket(number, number.length, target));
                sent.incrementAndGet();
            } catch (IOException e) {
                // No way there at this moment, which the silence tells.
            }
            LockSupport.parkNanos(PERIOD_MILLIS * 1_000_000L);
        }
    }

    private void receive() {
        DatagramPacket packet = new DatagramPacket(new byte[Long.BYTES], Long.BYTES);
        while (!socket.isClosed()) {
            try {
                socket.receive(packet);
                silence.sign();
            } catch (IOException e) {
                // Closed, which the loop sees, or an error that the network told.
            }
        }
    }

    /** The time between answers. */
    Silence silence() {
        return silence;
    }

    /** How many have been sent so far. */
    long sent() {
        return sent.get();
    }

    @Override
    public void close() {
        socket.close();
    }
}
