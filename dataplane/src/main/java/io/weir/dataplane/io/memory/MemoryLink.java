package io.weir.dataplane.io.memory;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PacketWaiter;
import io.weir.dataplane.memory.Memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * The network side of a port in memory, for a test or a program that has weir inside: frames go in
 * and come out as byte arrays.
 *
 * <p>One thread at a time may inject, one may poll; the worker that owns {@link #port} is a third.
 */
public final class MemoryLink implements AutoCloseable {
    /** Frames that wait in each direction unless said otherwise. */
    public static final int DEFAULT_FRAMES = 1024;

    /** The largest frame unless said otherwise. */
    public static final int DEFAULT_FRAME_BYTES = 2048;

    private final List<MemoryPort> ports;
    private final MemoryPort[] networks;
    private final FrameChoice choice;
    private int next;

    private MemoryLink(List<MemoryPort> ports, FrameChoice choice) {
        this.ports = List.copyOf(ports);
        this.networks = new MemoryPort[ports.size()];
        for (int i = 0; i < networks.length; i++) {
            networks[i] = ports.get(i).peer();
        }
        this.choice = choice;
    }

    /** Makes a port with room for {@value #DEFAULT_FRAMES} frames each way. */
    public static MemoryLink open(String name, int linkIndex, @Nullable PacketWaiter waiter) {
        return open(
                new MemoryPort.End(name, linkIndex, waiter), DEFAULT_FRAMES, DEFAULT_FRAME_BYTES);
    }

    /**
     * Makes a port and the link to it.
     *
     * @param end the port's name, index and what its worker sleeps on
     * @param frames how many frames wait in each direction, rounded up to a power of two
     * @param frameBytes the largest frame
     */
    public static MemoryLink open(MemoryPort.End end, int frames, int frameBytes) {
        return open(List.of(end), FrameChoice.ONLY, frames, frameBytes);
    }

    /**
     * Makes the ports of several workers to one link.
     *
     * @param ends by the workers' numbers
     * @param choice says which of them a frame from the network goes to
     */
    public static MemoryLink open(
            List<MemoryPort.End> ends, FrameChoice choice, int frames, int frameBytes) {
        List<MemoryPort> ports = new ArrayList<>();
        for (MemoryPort.End end : ends) {
            MemoryPort.End network = new MemoryPort.End(end.name() + ".network", 0, null);
            ports.add(MemoryPort.pair(end, network, frames, frameBytes));
        }
        return new MemoryLink(ports, choice);
    }

    /** The port, for the worker, or for the first of several. */
    public PacketPort port() {
        return ports.getFirst();
    }

    /** The ports of all workers by their numbers. */
    public List<PacketPort> ports() {
        return List.copyOf(ports);
    }

    /**
     * Lets a frame arrive at the port and wakes its worker.
     *
     * @param frame an Ethernet frame, copied
     * @return false if it was dropped, which the port's statistics count
     */
    public boolean inject(byte[] frame) {
        return inject(frame, ArrivingChecksum.UNKNOWN);
    }

    /**
     * Lets a frame arrive as from a network card that has verified its transport checksum, with
     * what packet sockets then say of it.
     *
     * @return false if it was dropped, which the port's statistics count
     */
    public boolean injectVerified(byte[] frame) {
        return inject(frame, ArrivingChecksum.VERIFIED);
    }

    /**
     * Lets a frame arrive as from a sender on this machine, which has left its transport checksum
     * to the network.
     *
     * @param frame has the folded sum of the pseudo-header where the checksum is to be
     * @param start from the frame's start to the transport header, in bytes
     * @param offset from there to the checksum
     * @return false if it was dropped, which the port's statistics count
     */
    public boolean injectUnsummed(byte[] frame, int start, int offset) {
        return inject(frame, ArrivingChecksum.pending(start, offset));
    }

    private boolean inject(byte[] frame, ArrivingChecksum checksum) {
        int chosen = choice.port(frame);
        if (chosen != FrameChoice.ALL) {
            return networks[chosen].inject(frame, checksum);
        }
        boolean all = true;
        for (MemoryPort network : networks) {
            all &= network.inject(frame, checksum);
        }
        return all;
    }

    /**
     * The next frame that the port has transmitted and flushed, or null if there is none. A
     * checksum that its virtio header leaves to the network is not filled in.
     */
    public byte @Nullable [] poll() {
        for (int i = 0; i < networks.length; i++) {
            byte[] frame = poll(networks[next]);
            if (frame != null) {
                return frame;
            }
            next = (next + 1) % networks.length;
        }
        return null;
    }

    private static byte @Nullable [] poll(MemoryPort network) {
        FrameQueue queue = network.input();
        int slot = queue.take();
        if (slot < 0) {
            return null;
        }
        byte[] frame = Memory.bytes(queue.frame(slot), queue.length(slot));
        queue.release();
        return frame;
    }

    /** Closes the network's side; the port is closed by its owner. */
    @Override
    public void close() {
        for (MemoryPort network : networks) {
            network.close();
        }
    }
}
