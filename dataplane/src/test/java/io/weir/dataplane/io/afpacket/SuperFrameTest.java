package io.weir.dataplane.io.afpacket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.NamespaceLab;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Kernel TCP across two ports that hand each other's frames on, with the offloads a veth pair has
 * by default: segments arrive as super-frames with their checksums still to be computed.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SuperFrameTest {
    private static final int CHUNK_BYTES = 1 << 20;

    @Test
    void bulkTransferArrivesByteForByte() throws Exception {
        transferThroughPorts(512L << 20, "65536");
    }

    /** As on a card without segmentation offload: the kernel has to cut what weir sends. */
    @Test
    void superFramesAreCutWhereTheOutgoingInterfaceCannot() throws Exception {
        transferThroughPorts(64L << 20, "4000");
    }

    private static void transferThroughPorts(long bytes, String largestSegmented) throws Exception {
        try (NamespaceLab lab = new NamespaceLab();
                ExecutorService threads = Executors.newCachedThreadPool()) {
            NetworkNamespace client = lab.namespace("client");
            NetworkNamespace middle = lab.namespace("middle");
            NetworkNamespace server = lab.namespace("server");
            lab.join(client, "c0", middle, "m0");
            lab.join(server, "s0", middle, "m1");
            lab.in(client, "ip", "addr", "add", "10.9.0.1/24", "dev", "c0");
            lab.in(server, "ip", "addr", "add", "10.9.0.2/24", "dev", "s0");
            lab.in(middle, "ip", "link", "set", "m1", "gso_max_size", largestSegmented);
            RingSize size = RingSize.forMtu(1500);
            try (AfPacketPort one =
                            middle.call(
                                    () -> AfPacketPort.open("m0", AfPacketPort.EVERY_FRAME, size));
                    AfPacketPort other =
                            middle.call(
                                    () -> AfPacketPort.open("m1", AfPacketPort.EVERY_FRAME, size));
                    Wire wire = new Wire(one, other)) {
                Future<?> carrying = threads.submit(wire);
                transfer(client, server, threads, bytes);
                wire.stop();
                carrying.get(10, TimeUnit.SECONDS);
                assertThat(one.statistics().receiveTruncated()).isZero();
                assertThat(other.statistics().transmitErrors()).isZero();
                assertThat(wire.largest).isGreaterThan(10_000);
            }
        }
    }

    private static void transfer(
            NetworkNamespace client, NetworkNamespace server, ExecutorService threads, long bytes)
            throws IOException, InterruptedException, ExecutionException {
        byte[] chunk = new byte[CHUNK_BYTES];
        Seed.ofThisRun().random().nextBytes(chunk);
        try (ServerSocketChannel listener =
                server.call(
                        () ->
                                ServerSocketChannel.open()
                                        .bind(new InetSocketAddress("10.9.0.2", 9000)))) {
            Future<Long> received = threads.submit(() -> receive(listener, chunk));
            long start = System.nanoTime();
            try (SocketChannel socket = client.call(() -> connect())) {
                ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES).put(chunk);
                for (long sent = 0; sent < bytes; sent += CHUNK_BYTES) {
                    buffer.clear();
                    while (buffer.hasRemaining()) {
                        socket.write(buffer);
                    }
                }
            }
            assertThat(received.get()).isEqualTo(bytes);
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    Locale.ROOT, "%.2f Gbit/s through two ports%n", bytes * 8 / seconds / 1e9);
        }
    }

    private static SocketChannel connect() throws IOException {
        return SocketChannel.open(new InetSocketAddress("10.9.0.2", 9000));
    }

    private static long receive(ServerSocketChannel listener, byte[] chunk) throws IOException {
        ByteBuffer expected = ByteBuffer.wrap(chunk);
        ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
        long total = 0;
        try (SocketChannel socket = listener.accept()) {
            while (true) {
                buffer.clear().limit(CHUNK_BYTES - (int) (total % CHUNK_BYTES));
                int count = socket.read(buffer);
                if (count < 0) {
                    return total;
                }
                int from = (int) (total % CHUNK_BYTES);
                assertThat(buffer.flip().mismatch(expected.slice(from, count))).isEqualTo(-1);
                total += count;
            }
        }
    }

    /** Carries every frame of one port to the other, both ways. */
    private static final class Wire implements Callable<Void>, AutoCloseable {
        private final AfPacketPort one;
        private final AfPacketPort other;
        private final PollWaiter waiter;
        private final PacketBurst burst = new PacketBurst();
        private volatile boolean closed;
        private volatile int largest;

        Wire(AfPacketPort one, AfPacketPort other) throws SystemCallException {
            this.one = one;
            this.other = other;
            this.waiter = new PollWaiter(List.of(one, other));
        }

        @Override
        public Void call() {
            while (!closed) {
                int carried = carry(one, other) + carry(other, one);
                if (carried == 0) {
                    waiter.await(100_000_000);
                }
            }
            waiter.close();
            return null;
        }

        private int carry(AfPacketPort from, AfPacketPort to) {
            int count = from.receive(burst);
            for (int i = 0; i < count; i++) {
                Packet packet = burst.get(i);
                if (packet.frameBytes() > largest) {
                    largest = packet.frameBytes();
                }
                to.transmit(packet.frame(), packet.frameBytes(), packet.vnetHeader());
            }
            to.flush();
            burst.clear();
            from.release();
            return count;
        }

        void stop() {
            closed = true;
            waiter.wake();
        }

        @Override
        public void close() {
            stop();
        }
    }
}
