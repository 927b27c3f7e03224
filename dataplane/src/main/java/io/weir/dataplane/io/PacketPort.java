package io.weir.dataplane.io;

import io.weir.dataplane.packet.PacketBurst;

/**
 * One attachment to a network: a kernel interface, a pair of queues in memory, a capture file.
 *
 * <p>The worker's cycle is {@code receive}, any number of {@code transmit}, {@code flush}, {@code
 * release}. Frames are Ethernet frames without frame check sequence and without VLAN tag, named by
 * the absolute address of their first byte ({@link io.weir.dataplane.memory.Memory}).
 *
 * <p>All methods but {@link #name}, {@link #linkIndex}, {@link #pollDescriptors} and {@link
 * #statistics} are called by the one worker thread that owns the port. None throws for what comes
 * from the network; a failing system call is counted in {@link #statistics} and the frame is lost.
 */
public interface PacketPort extends AutoCloseable {
    /** Bytes before each received frame, virtio header included, that the worker may overwrite. */
    int HEADROOM_BYTES = 64;

    /**
     * The size of a virtio_net_hdr as {@code transmit} takes it (linux/virtio_net.h, legacy form).
     */
    int VNET_HEADER_BYTES = 10;

    /** The interface's name, as an operator knows it. */
    String name();

    /** The kernel's interface index, or a number of the owner's choice where there is no kernel. */
    int linkIndex();

    /**
     * Adds received frames to a burst until it is full or nothing more has arrived; never waits.
     * The frames stay where they are, readable and writable, until {@link #release}.
     *
     * @return the number of frames added
     */
    int receive(PacketBurst burst);

    /**
     * Queues a frame for the next {@link #flush}. The memory must stay as it is until then.
     *
     * @param vnetHeader the address of the frame's virtio_net_hdr ({@value #VNET_HEADER_BYTES}
     *     bytes, little endian), which tells of checksums still to be filled in and of segments
     *     still to be cut; 0 for a plain frame
     * @return false if the queue is full; the frame is then not sent, and counted by the caller
     */
    boolean transmit(long address, int length, long vnetHeader);

    /**
     * Hands everything queued to the network. A frame the network refuses is counted and dropped.
     */
    void flush();

    /** Gives the frames of the last burst back to the port. */
    void release();

    /**
     * The file descriptors of which one polls readable when {@link #receive} would find something;
     * none if it cannot be waited for.
     */
    default int[] pollDescriptors() {
        return new int[0];
    }

    /**
     * Whether its interface sends what a program at another interface's driver (XDP) redirects
     * there; any thread.
     */
    default boolean sendsRedirected() {
        return false;
    }

    /** Counters of this port since it was opened; may be called from any thread. */
    PortStatistics statistics();

    /** Closes the port. Queued frames may be lost. */
    @Override
    void close();
}
