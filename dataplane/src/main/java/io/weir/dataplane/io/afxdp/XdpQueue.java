package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.PacketBurst;

/**
 * A worker's part of one receive queue: what arrives for it, and what it lends the kernel for that.
 *
 * <p>A frame received and not sent is free after {@link #release}; one that was sent, by {@link
 * XdpSender}, after its completion. Where workers share the queue, each gives the kernel a frame
 * for each that it got, whoever had lent that one.
 */
final class XdpQueue {
    /** The longest frame that fits behind what the kernel keeps free in front. */
    static final int LONGEST_RECEIVED = FrameMemory.FRAME_BYTES - 256;

    private final FramePool pool;
    private final int owner;
    private final int receiveFrames;
    private final QueueRings rings;
    private final ConsumerRing received;

    private final int[] held = new int[PacketBurst.CAPACITY];
    private int heldCount;
    private int lent;
    private long bytes;

    /**
     * Makes a queue whose rings are empty.
     *
     * @param owner the interface's number, for which the frames are reserved
     * @param received frames received
     * @param receiveFrames how many the worker lends the kernel to receive into at most
     */
    XdpQueue(FramePool pool, int owner, QueueRings rings, RingMemory received, int receiveFrames) {
        this.pool = pool;
        this.owner = owner;
        this.receiveFrames = receiveFrames;
        this.rings = rings;
        this.received = new ConsumerRing(received);
    }

    /** Gives the kernel frames to receive into; returns whether it has to be woken for them. */
    boolean refill() {
        int wanted = Math.min(receiveFrames - lent, pool.freeFrames());
        if (wanted <= 0 || !rings.take()) {
            return false;
        }
        ProducerRing fill = rings.fill();
        int count = Math.min(wanted, fill.room(wanted));
        for (int i = 0; i < count; i++) {
            Memory.putNativeLong(fill.add(), FramePool.offsetOf(pool.lendFree(owner)));
        }
        lent += count;
        fill.publish();
        boolean sleeps = fill.needsWakeup();
        rings.leave();
        return sleeps;
    }

    /** Whether the kernel has fewer than it should, because another worker kept the rings. */
    boolean owes() {
        return lent < receiveFrames;
    }

    /** Adds waiting frames to the burst until it is full. */
    void receive(PacketBurst burst) {
        int waiting = received.available();
        if (waiting == 0) {
            return;
        }
        // Beyond what it has lent it would live on other workers' frames.
        int room = held.length - Math.max(burst.size(), heldCount);
        int count = Math.min(Math.min(waiting, room), lent);
        for (int i = 0; i < count; i++) {
            long descriptor = received.entry(i);
            long offset = Memory.nativeLong(descriptor);
            int length = Memory.nativeInt(descriptor + RingMemory.LENGTH_OFFSET);
            int frame = FramePool.frameAt(offset);
            pool.hold(frame);
            held[heldCount++] = frame;
            bytes += length;
            long address = pool.address() + offset;
            burst.add(address, length, LocalChecksum.vnetHeader(address, length));
        }
        lent -= count;
        received.take(count);
    }

    /** Ends the worker's use of what was received; returns whether the kernel has to be woken. */
    boolean release() {
        for (int i = 0; i < heldCount; i++) {
            pool.releaseHeld(held[i]);
        }
        heldCount = 0;
        return refill();
    }

    /** How many frames the worker has lent the kernel to receive into. */
    int lent() {
        return lent;
    }

    /** Bytes received since the last call. */
    long takeBytes() {
        long taken = bytes;
        bytes = 0;
        return taken;
    }
}
