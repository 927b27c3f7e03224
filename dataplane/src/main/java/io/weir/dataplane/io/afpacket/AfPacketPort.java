package io.weir.dataplane.io.afpacket;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A port on an interface of a Linux network namespace.
 *
 * <p>It receives copies: whatever it sees, the host's own stack sees too, unless traffic steering
 * takes it away there. Frames it sends go through the interface's queueing discipline, as the
 * host's own do.
 */
public final class AfPacketPort implements PacketPort {
    /** Instead of a filter program: every frame that arrives, also those for other hosts. */
    public static final int EVERY_FRAME = -1;

    private final String name;
    private final int linkIndex;
    private final ReceiveRing ring;
    private final TransmitQueue queue;

    // Written by the worker once for each burst, read by any thread.
    private final AtomicLong receivedFrames = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();
    private final AtomicLong truncatedFrames = new AtomicLong();
    private final AtomicLong sentFrames = new AtomicLong();
    private final AtomicLong sentBytes = new AtomicLong();
    private final AtomicLong refusedFrames = new AtomicLong();

    // Guarded by this: reading the kernel's drop counter clears it.
    private long drops;
    private boolean closed;

    private AfPacketPort(String name, int linkIndex, ReceiveRing ring, TransmitQueue queue) {
        this.name = name;
        this.linkIndex = linkIndex;
        this.ring = ring;
        this.queue = queue;
    }

    /**
     * Opens a port on an interface of the calling thread's network namespace.
     *
     * @param filterProgram the descriptor of a loaded BPF_PROG_TYPE_SOCKET_FILTER program that
     *     accepts the frames wanted, or {@link #EVERY_FRAME}; it may be closed afterwards
     * @throws SystemCallException if there is no such interface, or without CAP_NET_RAW and
     *     CAP_NET_ADMIN
     */
    public static AfPacketPort open(String interfaceName, int filterProgram, RingSize size)
            throws SystemCallException {
        String purpose = "open a packet port on " + interfaceName;
        int index = Sockets.interfaceIndex(interfaceName, purpose);
        ReceiveRing ring = ReceiveRing.open(index, filterProgram, size, purpose);
        try {
            return new AfPacketPort(interfaceName, index, ring, TransmitQueue.open(index, purpose));
        } catch (SystemCallException e) {
            ring.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int linkIndex() {
        return linkIndex;
    }

    @Override
    public int receive(PacketBurst burst) {
        int before = burst.size();
        ring.receive(burst);
        int truncated = ring.takeTruncated();
        if (truncated > 0) {
            add(truncatedFrames, truncated);
        }
        int frames = burst.size() - before;
        if (frames > 0) {
            add(receivedFrames, frames);
            add(receivedBytes, ring.takeBytes());
        }
        return frames;
    }

    @Override
    public boolean transmit(long address, int length, long vnetHeader) {
        return queue.add(address, length, vnetHeader);
    }

    @Override
    public void flush() {
        if (queue.isEmpty()) {
            return;
        }
        queue.flush();
        add(sentFrames, queue.takeSentFrames());
        add(sentBytes, queue.takeSentBytes());
        add(refusedFrames, queue.takeRefused());
    }

    @Override
    public void release() {
        ring.release();
    }

    /** Adds without a locked instruction: the worker is the only one who writes. */
    private static void add(AtomicLong counter, long amount) {
        counter.setRelease(counter.getPlain() + amount);
    }

    /** The descriptor of the receiving socket. */
    int receiver() {
        return ring.descriptor();
    }

    @Override
    public int[] pollDescriptors() {
        return new int[] {ring.descriptor()};
    }

    @Override
    public synchronized PortStatistics statistics() {
        if (!closed) {
            drops += ring.takeDrops();
        }
        return new PortStatistics(
                receivedFrames.get(),
                receivedBytes.get(),
                drops,
                truncatedFrames.get(),
                sentFrames.get(),
                sentBytes.get(),
                refusedFrames.get());
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        drops += ring.takeDrops();
        closed = true;
        ring.close();
        queue.close();
    }
}
