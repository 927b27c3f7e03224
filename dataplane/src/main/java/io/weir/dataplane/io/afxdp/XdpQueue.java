package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.PacketBurst;

/**
 * The four rings of one AF_XDP socket and the way of frames through them.
 *
 * <p>A frame received and not sent is free after {@link #release}; one that was sent, by this queue
 * or that of another interface, after its completion. So it is sent once from where it lies; if it
 * is to be sent again meanwhile, or lies elsewhere, a free frame takes a copy.
 */
final class XdpQueue {
    /** The longest frame that fits behind what the kernel keeps free in front. */
    static final int LONGEST_RECEIVED = FramePool.FRAME_BYTES - 256;

    /** Where in a free frame the copy of a frame to send begins. */
    private static final int COPY_OFFSET = 64;

    static final int LONGEST_SENT = FramePool.FRAME_BYTES - COPY_OFFSET;

    private final FramePool pool;
    private final int owner;
    private final int receiveFrames;
    private final ProducerRing fill;
    private final ConsumerRing received;
    private final ProducerRing transmit;
    private final ConsumerRing completed;

    private final int[] held = new int[PacketBurst.CAPACITY];
    private int heldCount;
    private int lentToReceive;
    private int lentToSend;
    private int queued;
    private long bytes;

    /**
     * The rings of a socket.
     *
     * @param fill frames for the kernel to receive into
     * @param received frames received
     * @param transmit frames to send
     * @param completed frames sent
     */
    record Rings(RingMemory fill, RingMemory received, RingMemory transmit, RingMemory completed) {}

    /**
     * Makes a queue whose rings are empty.
     *
     * @param owner its number in the pool, where frames for both directions are reserved
     * @param receiveFrames how many the kernel has to receive into at most
     */
    XdpQueue(FramePool pool, int owner, Rings rings, int receiveFrames) {
        this.pool = pool;
        this.owner = owner;
        this.receiveFrames = receiveFrames;
        this.fill = new ProducerRing(rings.fill);
        this.received = new ConsumerRing(rings.received);
        this.transmit = new ProducerRing(rings.transmit);
        this.completed = new ConsumerRing(rings.completed);
    }

    /** Gives the kernel frames to receive into; returns whether it has to be woken for them. */
    boolean refill() {
        int wanted = Math.min(receiveFrames - lentToReceive, pool.freeFrames());
        int count = Math.min(wanted, fill.room(wanted));
        if (count <= 0) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            Memory.putNativeLong(fill.add(), FramePool.offsetOf(pool.lendFree(owner)));
        }
        lentToReceive += count;
        fill.publish();
        return fill.needsWakeup();
    }

    /** Adds waiting frames to the burst until it is full. */
    void receive(PacketBurst burst) {
        int waiting = received.available();
        if (waiting == 0) {
            return;
        }
        int count = Math.min(waiting, held.length - Math.max(burst.size(), heldCount));
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
        lentToReceive -= count;
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

    /**
     * Queues a plain frame of up to {@value #LONGEST_SENT} bytes.
     *
     * @return false if there is no room
     */
    boolean transmit(long address, int length) {
        if (lentToSend == transmit.size()) {
            complete();
        }
        if (lentToSend == transmit.size() || transmit.room(1) < 1) {
            return false;
        }
        long offset = address - pool.address();
        int frame = pool.heldFrame(address, length);
        if (frame >= 0) {
            pool.lend(frame, owner);
        } else {
            frame = pool.lendFree(owner);
            if (frame < 0) {
                return false;
            }
            offset = FramePool.offsetOf(frame) + COPY_OFFSET;
            Memory.copy(address, pool.address() + offset, length);
        }
        lentToSend++;
        queued++;
        long descriptor = transmit.add();
        Memory.putNativeLong(descriptor, offset);
        // The length's upper half is the options, of which there are none.
        Memory.putNativeLong(descriptor + RingMemory.LENGTH_OFFSET, length);
        return true;
    }

    /** The number of frames queued and not published. */
    int queued() {
        return queued;
    }

    /** Shows what is queued to the kernel; returns whether it has to be woken. */
    boolean publish() {
        queued = 0;
        transmit.publish();
        return transmit.needsWakeup();
    }

    /** Whether the kernel has not taken everything that was published. */
    boolean pending() {
        return transmit.pending();
    }

    /** Frees what the kernel has sent. */
    void complete() {
        int count = completed.available();
        while (count > 0) {
            for (int i = 0; i < count; i++) {
                pool.release(FramePool.frameAt(Memory.nativeLong(completed.entry(i))));
            }
            completed.take(count);
            lentToSend -= count;
            count = completed.available();
        }
    }

    /** Bytes received since the last call. */
    long takeBytes() {
        long taken = bytes;
        bytes = 0;
        return taken;
    }
}
