package io.weir.bench.rate;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A flood through a packet socket: its frames are socket buffers, as those of any program that
 * sends by a veth are. Slower than the balancer at its best.
 */
public final class SocketFlood implements Flood {
    private static final String PURPOSE = "flood through a packet socket";
    private static final int MOST = 64;

    /** What a source that was late catches up with. */
    private static final long MOST_BEHIND_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private static final int SEND_BUFFER_BYTES = 16 << 20;
    private static final int ADDRESS_BYTES = 20;
    private static final int STRIDE_BYTES = 128;

    private final FloodTraffic traffic;
    private final int batch;
    private final byte[] template;
    private final Descriptor socket;
    private final NativeBlock memory;
    private final long frames;
    private int next;
    private double due = System.nanoTime();
    private volatile int rate = UNLIMITED;
    private final AtomicLong sent = new AtomicLong();
    private volatile int tcpFlags = FloodTraffic.TCP_SYN;
    private volatile int intruders;

    private SocketFlood(FloodTraffic traffic, int batch, Descriptor socket) {
        this.traffic = traffic;
        this.batch = batch;
        this.template = traffic.template();
        this.socket = socket;
        this.memory =
                new NativeBlock(
                        (long) batch
                                * (Sockets.MESSAGE_BYTES + Sockets.VECTOR_BYTES + STRIDE_BYTES));
        long vectors = memory.address() + (long) batch * Sockets.MESSAGE_BYTES;
        this.frames = vectors + (long) batch * Sockets.VECTOR_BYTES;
        for (int i = 0; i < batch; i++) {
            long message = memory.address() + (long) i * Sockets.MESSAGE_BYTES;
            long vector = vectors + (long) i * Sockets.VECTOR_BYTES;
            Memory.putNativeLong(message + Sockets.MESSAGE_VECTORS_OFFSET, vector);
            Memory.putNativeLong(message + Sockets.MESSAGE_VECTOR_COUNT_OFFSET, 1);
            Memory.putNativeLong(vector, frames + (long) i * STRIDE_BYTES);
            Memory.putNativeLong(vector + Long.BYTES, template.length);
        }
    }

    /**
     * Makes a source in the calling thread's network namespace.
     *
     * @param batch how many packets it sends at once, up to 64
     */
    public static SocketFlood open(String interfaceName, FloodTraffic traffic, int batch)
            throws SystemCallException {
        if (batch < 1 || batch > MOST) {
            throw new IllegalArgumentException(
                    "a batch has 1 to " + MOST + " packets, not " + batch);
        }
        int index = Sockets.interfaceIndex(interfaceName, PURPOSE);
        Descriptor socket = Sockets.open(Sockets.AF_PACKET, Sockets.SOCK_RAW, 0, PURPOSE);
        try (NativeBlock address = new NativeBlock(ADDRESS_BYTES)) {
            SystemCallException.check(
                    Sockets.setOption(
                            socket.number(),
                            Sockets.SOL_SOCKET,
                            Sockets.SO_SNDBUFFORCE,
                            SEND_BUFFER_BYTES),
                    PURPOSE,
                    "setsockopt(SO_SNDBUFFORCE)");
            Memory.putNativeShort(address.address(), Sockets.AF_PACKET);
            Memory.putNativeInt(address.address() + 4, index);
            SystemCallException.check(
                    Sockets.bind(socket.number(), address.address(), ADDRESS_BYTES),
                    PURPOSE,
                    "bind");
            return new SocketFlood(traffic, batch, socket);
        } catch (SystemCallException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public void setTcpFlags(int flags) {
        tcpFlags = flags;
    }

    @Override
    public void setIntruders(int bits) {
        intruders = bits;
    }

    @Override
    public void setRate(int packetsPerSecond) {
        rate = packetsPerSecond;
    }

    @Override
    public long sent() {
        return sent.get();
    }

    /** Sends a batch when it is due, for which it waits with its processor. */
    @Override
    public void send() {
        for (int i = 0; i < batch; i++) {
            long frame = frames + (long) i * STRIDE_BYTES;
            traffic.write(template, tcpFlags, intruders, next++, frame);
        }
        awaitDue();
        int done = 0;
        while (done < batch) {
            long from = memory.address() + (long) done * Sockets.MESSAGE_BYTES;
            int taken = Sockets.sendMessages(socket.number(), from, batch - done, 0);
            // The device's queue is full: the frame is lost, as it would be on a full link.
            done += Math.max(1, taken);
        }
        sent.addAndGet(batch);
    }

    private void awaitDue() {
        int packetsPerSecond = rate;
        if (packetsPerSecond == UNLIMITED) {
            return;
        }
        double gap = (double) TimeUnit.SECONDS.toNanos(batch) / packetsPerSecond;
        long now = System.nanoTime();
        while (now < due) {
            Thread.onSpinWait();
            now = System.nanoTime();
        }
        due = Math.max(due, (double) (now - MOST_BEHIND_NANOS)) + gap;
    }

    @Override
    public void close() {
        socket.close();
        memory.close();
    }
}
