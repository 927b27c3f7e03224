package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.memory.Memory;

/**
 * The way of a worker's frames out by an interface.
 *
 * <p>A frame is sent once from where it lies; if it is to be sent again meanwhile, or lies
 * elsewhere, a free frame takes a copy. Where workers share the ring of frames sent, each takes as
 * many out as it has put in, whosever they were.
 */
final class XdpSender {
    /** Where in a free frame the copy of a frame to send begins. */
    private static final int COPY_OFFSET = 64;

    static final int LONGEST_SENT = FrameMemory.FRAME_BYTES - COPY_OFFSET;

    private final FramePool pool;
    private final int owner;
    private final QueueRings rings;
    private final ProducerRing transmit;

    private int lent;
    private int queued;

    /**
     * Makes a sender whose rings are empty.
     *
     * @param owner the interface's number, for which the frames are reserved
     * @param transmit frames to send
     */
    XdpSender(FramePool pool, int owner, QueueRings rings, RingMemory transmit) {
        this.pool = pool;
        this.owner = owner;
        this.rings = rings;
        this.transmit = new ProducerRing(transmit);
    }

    /**
     * Queues a plain frame of up to {@value #LONGEST_SENT} bytes.
     *
     * @return false if there is no room
     */
    boolean transmit(long address, int length) {
        if (lent == transmit.size()) {
            complete();
        }
        if (lent == transmit.size() || transmit.room(1) < 1) {
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
        lent++;
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

    /** Frees as many frames as the kernel has sent, of those that the worker has lent. */
    void complete() {
        if (lent == 0 || !rings.take()) {
            return;
        }
        ConsumerRing completed = rings.completed();
        int count = Math.min(completed.available(), lent);
        while (count > 0) {
            for (int i = 0; i < count; i++) {
                pool.release(FramePool.frameAt(Memory.nativeLong(completed.entry(i))));
            }
            completed.take(count);
            lent -= count;
            count = Math.min(completed.available(), lent);
        }
        rings.leave();
    }

    /** How many frames the worker has lent the kernel to send. */
    int lent() {
        return lent;
    }
}
