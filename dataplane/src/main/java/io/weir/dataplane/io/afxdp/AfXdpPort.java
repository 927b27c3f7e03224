package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.io.afpacket.AfPacketPort;
import io.weir.dataplane.net.netlink.DriverFeatures;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.Ethtool;
import io.weir.dataplane.sys.SystemCallException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * A port on an interface by AF_XDP, with a packet socket beside it for what AF_XDP does not carry:
 * super-frames, frames longer than 1792 bytes, and whatever the program at the driver passes on.
 *
 * <p>Frames of one connection that take different ways may change their order.
 */
public final class AfXdpPort implements PacketPort {
    /** The largest IP packet of an interface that AF_XDP carries all packets of, in bytes. */
    public static final int LARGEST_MTU = XdpQueue.LONGEST_RECEIVED - Ethernet.HEADER_BYTES;

    private final AfPacketPort packetPort;
    private final QueueSet queues;
    private final XdpProgram program;
    private final String mode;
    private final boolean driverMode;
    private final boolean sends;
    private final int queueCount;
    private final int[] descriptors;
    private volatile boolean redirectable;

    private boolean started;
    private boolean packetsFirst;
    private long queuedBytes;

    // Written by the worker once for each burst, read by any thread.
    private final AtomicLong receivedFrames = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();
    private final AtomicLong sentFrames = new AtomicLong();
    private final AtomicLong sentBytes = new AtomicLong();
    private final AtomicLong liars = new AtomicLong();

    // Guarded by this.
    private long drops;
    private long refusals;
    private boolean closed;

    private AfXdpPort(AfPacketPort packetPort, QueueSet queues, XdpProgram program, XdpMode mode) {
        this.packetPort = packetPort;
        this.queues = queues;
        this.program = program;
        this.driverMode = mode == XdpMode.NATIVE;
        this.sends = queues.sends();
        this.queueCount = queues.queues();
        this.mode = mode.word() + (queues.zeroCopy() ? ", zero-copy" : ", copy");
        this.descriptors =
                IntStream.concat(
                                IntStream.of(packetPort.pollDescriptors()),
                                IntStream.of(queues.descriptors()))
                        .toArray();
    }

    /**
     * Opens ports beside the workers' packet sockets on an interface, which belong to the new ports
     * if this returns. Each worker's first {@link #receive} lets its frames in; until then they go
     * to the packet sockets.
     *
     * @param packetPorts by the workers' numbers; ports opened together are closed together
     * @param queues what the interface has
     * @param memory the frames of the workers that will own the ports
     * @param loader makes the program that takes frames from the host
     * @return the ports by the workers' numbers
     * @throws IOException if the interface or the kernel cannot; the message says why
     */
    public static List<AfXdpPort> open(
            List<AfPacketPort> packetPorts,
            XdpMode mode,
            Ethtool.Queues queues,
            FrameMemory memory,
            XdpProgram.Loader loader)
            throws IOException {
        AfPacketPort first = packetPorts.getFirst();
        String purpose = "use AF_XDP on " + first.name();
        int index = first.linkIndex();
        XdpProgram program =
                XdpProgram.attach(index, first.name(), mode, packetPorts.size(), loader);
        try {
            // What the kernel copies itself needs no driver's consent.
            boolean copy = mode == XdpMode.GENERIC;
            List<AfXdpPort> ports = new ArrayList<>();
            for (QueueSet set : SharedQueues.open(memory, index, queues, copy, purpose)) {
                ports.add(new AfXdpPort(packetPorts.get(ports.size()), set, program, mode));
            }
            return ports;
        } catch (IOException e) {
            program.close();
            throw e;
        }
    }

    /** How frames are moved, in words: native or skb, zero-copy or copy. */
    public String mode() {
        return mode;
    }

    /** How many of the interface's receive queues the port has. */
    public int queues() {
        return queueCount;
    }

    @Override
    public String name() {
        return packetPort.name();
    }

    @Override
    public int linkIndex() {
        return packetPort.linkIndex();
    }

    @Override
    public int receive(PacketBurst burst) {
        if (!started) {
            started = true;
            queues.start(program);
        }
        // A flood on one way does not keep the other one from its turn.
        packetsFirst = !packetsFirst;
        int packets = packetsFirst ? packetPort.receive(burst) : 0;
        int before = burst.size();
        queues.receive(burst);
        int frames = burst.size() - before;
        if (frames > 0) {
            add(receivedFrames, frames);
            add(receivedBytes, queues.takeBytes());
        }
        return frames + (packetsFirst ? packets : packetPort.receive(burst));
    }

    @Override
    public boolean transmit(long address, int length, long vnetHeader) {
        if (!sends
                || length > XdpSender.LONGEST_SENT
                || (vnetHeader != 0 && VnetHeader.gsoType(vnetHeader) != VnetHeader.GSO_NONE)) {
            return packetPort.transmit(address, length, vnetHeader);
        }
        if (vnetHeader != 0
                && (VnetHeader.flags(vnetHeader) & VnetHeader.NEEDS_CHECKSUM) != 0
                && !LocalChecksum.complete(address, length, vnetHeader)) {
            add(liars, 1);
            return true;
        }
        if (!queues.transmit(address, length)) {
            return false;
        }
        queuedBytes += length;
        return true;
    }

    @Override
    public void flush() {
        int frames = queues.flush();
        if (frames > 0) {
            add(sentFrames, frames);
            add(sentBytes, queuedBytes);
            queuedBytes = 0;
        }
        packetPort.flush();
    }

    @Override
    public void release() {
        queues.release();
        packetPort.release();
    }

    /** Adds without a locked instruction: the worker is the only one who writes. */
    private static void add(AtomicLong counter, long amount) {
        counter.setRelease(counter.getPlain() + amount);
    }

    /**
     * Asks the driver anew whether it sends what other drivers redirect to it: that of a veth does
     * as long as its peer receives by NAPI, and some cards do with a program of their own. Not for
     * the worker.
     *
     * @return false if the port is closed
     */
    public boolean askDriver() throws SystemCallException {
        synchronized (this) {
            if (closed) {
                return false;
            }
        }
        redirectable = driverMode && DriverFeatures.sendsRedirected(linkIndex());
        return true;
    }

    @Override
    public boolean sendsRedirected() {
        return redirectable;
    }

    @Override
    public int[] pollDescriptors() {
        return descriptors.clone();
    }

    @Override
    public synchronized PortStatistics statistics() {
        readKernel();
        PortStatistics packets = packetPort.statistics();
        return new PortStatistics(
                packets.receivedFrames() + receivedFrames.get(),
                packets.receivedBytes() + receivedBytes.get(),
                packets.receiveDrops() + drops,
                packets.receiveTruncated(),
                packets.transmittedFrames() + sentFrames.get(),
                packets.transmittedBytes() + sentBytes.get(),
                packets.transmitErrors() + refusals + liars.get());
    }

    private void readKernel() {
        if (!closed) {
            drops = queues.drops();
            refusals = queues.refusals();
        }
    }

    /** Gives the frames back to the host first. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        readKernel();
        closed = true;
        program.close();
        queues.close();
        packetPort.close();
    }
}
