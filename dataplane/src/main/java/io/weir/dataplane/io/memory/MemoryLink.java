package io.weir.dataplane.io.memory;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PacketWaiter;
import io.weir.dataplane.memory.Memory;

import org.jspecify.annotations.Nullable;

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

    private final MemoryPort port;
    private final MemoryPort network;

    private MemoryLink(MemoryPort port) {
        this.port = port;
        this.network = port.peer();
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
        MemoryPort.End network = new MemoryPort.End(end.name() + ".network", 0, null);
        return new MemoryLink(MemoryPort.pair(end, network, frames, frameBytes));
    }

    /** The port, for the worker. */
    public PacketPort port() {
        return port;
    }

    /**
     * Lets a frame arrive at the port and wakes its worker.
     *
     * @param frame an Ethernet frame, copied
     * @return false if it was dropped, which the port's statistics count
     */
    public boolean inject(byte[] frame) {
        return network.inject(frame, false);
    }

    /**
     * Lets a frame arrive as from a network card that has verified its transport checksum, with
     * what packet sockets then say of it.
     *
     * @return false if it was dropped, which the port's statistics count
     */
    public boolean injectVerified(byte[] frame) {
        return network.inject(frame, true);
    }

    /**
     * The next frame that the port has transmitted and flushed, or null if there is none. A
     * checksum that its virtio header leaves to the network is not filled in.
     */
    public byte @Nullable [] poll() {
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
        network.close();
    }
}
