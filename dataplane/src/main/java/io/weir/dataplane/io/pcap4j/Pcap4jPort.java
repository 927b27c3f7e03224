package io.weir.dataplane.io.pcap4j;

import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.PacketBurst;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A live interface by way of libpcap.
 *
 * <p>What an operator has to know of it:
 *
 * <ul>
 *   <li>There is no virtio header. A frame whose checksum its sender left to the network card
 *       arrives with a wrong one, and is forwarded so: switch off {@code tx}, {@code tso} and
 *       {@code gso} at local senders and {@code gro} here with ethtool. A frame to transmit that
 *       needs an offload is refused and counted.
 *   <li>It cannot keep the host out. The host's stack sees every packet as well, and answers or
 *       forwards those it believes to be its own; the virtual address must not be one of the
 *       host's, or something else must drop the packets after libpcap has seen them.
 *   <li>There is no descriptor to poll: an idle worker has to look again from time to time.
 * </ul>
 *
 * <p>Never waits: libpcap is in immediate and non-blocking mode.
 */
public final class Pcap4jPort implements PacketPort {
    /** The largest IP packet behind an Ethernet header. */
    private static final int MAX_FRAME_BYTES = 65_535 + 14;

    private static final int SLOT_BYTES = 64 * 1026;
    private static final int QUEUE_FRAMES = 4 * PacketBurst.CAPACITY;

    private final String name;
    private final int linkIndex;
    private final LiveCapture capture;
    private final NativeBlock block = new NativeBlock((long) PacketBurst.CAPACITY * SLOT_BYTES);
    private int usedSlots;

    private final long[] queuedAddresses = new long[QUEUE_FRAMES];
    private final int[] queuedLengths = new int[QUEUE_FRAMES];
    private final byte[] scratch = new byte[MAX_FRAME_BYTES];
    private int queued;

    private final AtomicLong receivedFrames = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();
    private final AtomicLong receiveDrops = new AtomicLong();
    private final AtomicLong receiveTruncated = new AtomicLong();
    private final AtomicLong transmittedFrames = new AtomicLong();
    private final AtomicLong transmittedBytes = new AtomicLong();
    private final AtomicLong transmitErrors = new AtomicLong();

    private Pcap4jPort(String name, int linkIndex, LiveCapture capture) {
        this.name = name;
        this.linkIndex = linkIndex;
        this.capture = capture;
    }

    /**
     * Opens an interface of the calling thread's network namespace, in promiscuous mode.
     *
     * @param name the interface's name
     * @param linkIndex the kernel's number for it
     * @throws IOException if libpcap is not there or cannot use the interface
     */
    public static Pcap4jPort open(String name, int linkIndex) throws IOException {
        try {
            return new Pcap4jPort(name, linkIndex, LiveCapture.open(name, MAX_FRAME_BYTES));
        } catch (LinkageError e) {
            throw new IOException(
                    name
                            + ": libpcap or Pcap4J is not there; install libpcap"
                            + " (on Debian the package libpcap0.8) or choose another packet port: "
                            + e.getMessage(),
                    e);
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
        while (!burst.isFull() && usedSlots < PacketBurst.CAPACITY) {
            byte[] frame = capture.next();
            if (frame == null) {
                break;
            }
            if (frame.length > MAX_FRAME_BYTES || capture.wasCut(frame.length)) {
                add(receiveTruncated, 1);
                continue;
            }
            long address = block.address() + (long) usedSlots * SLOT_BYTES + HEADROOM_BYTES;
            usedSlots++;
            Memory.copyIn(frame, 0, address, frame.length);
            burst.add(address, frame.length, 0);
            add(receivedFrames, 1);
            add(receivedBytes, frame.length);
        }
        return burst.size() - before;
    }

    @Override
    public boolean transmit(long address, int length, long vnetHeader) {
        if (length > MAX_FRAME_BYTES || needsOffload(vnetHeader)) {
            add(transmitErrors, 1);
            return true;
        }
        if (queued == QUEUE_FRAMES) {
            return false;
        }
        queuedAddresses[queued] = address;
        queuedLengths[queued] = length;
        queued++;
        return true;
    }

    private static boolean needsOffload(long vnetHeader) {
        return vnetHeader != 0
                && ((VnetHeader.flags(vnetHeader) & VnetHeader.NEEDS_CHECKSUM) != 0
                        || VnetHeader.gsoType(vnetHeader) != VnetHeader.GSO_NONE);
    }

    @Override
    public void flush() {
        for (int i = 0; i < queued; i++) {
            int length = queuedLengths[i];
            Memory.copyOut(queuedAddresses[i], scratch, 0, length);
            if (capture.send(scratch, length)) {
                add(transmittedFrames, 1);
                add(transmittedBytes, length);
            } else {
                add(transmitErrors, 1);
            }
        }
        queued = 0;
    }

    @Override
    public void release() {
        usedSlots = 0;
    }

    @Override
    public PortStatistics statistics() {
        // After close libpcap tells nothing; what it told last still holds.
        long drops = receiveDrops.accumulateAndGet(capture.drops(), Math::max);
        return new PortStatistics(
                receivedFrames.get(),
                receivedBytes.get(),
                drops,
                receiveTruncated.get(),
                transmittedFrames.get(),
                transmittedBytes.get(),
                transmitErrors.get());
    }

    /** Single writer: no atomic addition is needed, only that other threads see whole values. */
    private static void add(AtomicLong counter, long amount) {
        counter.setRelease(counter.getPlain() + amount);
    }

    @Override
    public void close() {
        capture.close();
        block.close();
    }
}
