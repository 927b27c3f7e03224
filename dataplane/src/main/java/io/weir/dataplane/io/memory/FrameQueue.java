package io.weir.dataplane.io.memory;

import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bounded queue of frames from one thread to another, in slots of native memory.
 *
 * <p>The producer copies frames in and shows them with {@link #publish}; the consumer works on them
 * where they are and gives the slots back with {@link #release}. A slot is the headroom that {@link
 * PacketPort} promises, its last bytes for the virtio header, followed by the frame. No allocation
 * after construction.
 */
final class FrameQueue {
    private static final int MAX_FRAMES = 1 << 20;
    private static final int USERS = 2;
    private static final int SLOT_ALIGNMENT = 64;

    private final NativeBlock block;
    private final int frameBytes;
    private final long slotBytes;
    private final int mask;

    /** Per slot: the frame's length and whether there is a virtio header. */
    private final int[] lengths;

    private final boolean[] vnetHeaders;

    /** Frames ever shown by the producer, and slots ever given back by the consumer. */
    private final AtomicLong published = new AtomicLong();

    private final AtomicLong released = new AtomicLong();

    /** Frames copied in; the producer's own. */
    private long offered;

    /** Frames taken out; the consumer's own. */
    private long taken;

    private final AtomicInteger users = new AtomicInteger(USERS);

    /**
     * Allocates the slots.
     *
     * @param frames how many there are, rounded up to a power of two
     * @param frameBytes the largest frame
     */
    FrameQueue(int frames, int frameBytes) {
        if (frames < 1 || frames > MAX_FRAMES || frameBytes < 1) {
            throw new IllegalArgumentException(
                    "a queue holds 1 to "
                            + MAX_FRAMES
                            + " frames of some bytes, not "
                            + frames
                            + " of "
                            + frameBytes);
        }
        int slots = 1 << (Integer.SIZE - Integer.numberOfLeadingZeros(frames - 1));
        this.frameBytes = frameBytes;
        this.slotBytes = roundUp(PacketPort.HEADROOM_BYTES + (long) frameBytes);
        this.mask = slots - 1;
        this.lengths = new int[slots];
        this.vnetHeaders = new boolean[slots];
        this.block = new NativeBlock(slotBytes * slots);
    }

    private static long roundUp(long bytes) {
        return (bytes + SLOT_ALIGNMENT - 1) & -SLOT_ALIGNMENT;
    }

    int frameBytes() {
        return frameBytes;
    }

    /** Producer: tells whether a frame would be taken now. */
    boolean hasRoom() {
        return offered - released.getAcquire() <= mask;
    }

    /** Producer: copies a frame into a slot that {@link #hasRoom} has found. */
    void offer(long address, int length, long vnetHeader) {
        long frame = claim(length, vnetHeader != 0);
        Memory.copy(address, frame, length);
        if (vnetHeader != 0) {
            Memory.copy(vnetHeader, frame - VnetHeader.BYTES, VnetHeader.BYTES);
        }
    }

    /** Producer: the same for a frame outside of native memory that is one packet. */
    void offer(byte[] bytes, ArrivingChecksum checksum) {
        boolean said = checksum.flags() != 0;
        long frame = claim(bytes.length, said);
        Memory.copyIn(bytes, 0, frame, bytes.length);
        if (said) {
            long vnet = frame - VnetHeader.BYTES;
            VnetHeader.clear(vnet);
            VnetHeader.setFlags(vnet, checksum.flags());
            VnetHeader.setChecksumStart(vnet, checksum.start());
            VnetHeader.setChecksumOffset(vnet, checksum.offset());
        }
    }

    private long claim(int length, boolean vnetHeader) {
        int slot = (int) offered & mask;
        offered++;
        lengths[slot] = length;
        vnetHeaders[slot] = vnetHeader;
        return frame(slot);
    }

    /**
     * Producer: shows all frames offered.
     *
     * @return how many the consumer had not been shown before
     */
    int publish() {
        int fresh = (int) (offered - published.getPlain());
        published.setRelease(offered);
        return fresh;
    }

    /** Consumer: the slot of the next frame, or -1 if there is none. */
    int take() {
        if (taken == published.getAcquire()) {
            return -1;
        }
        int slot = (int) taken & mask;
        taken++;
        return slot;
    }

    /** Consumer: the address of a taken slot's frame. */
    long frame(int slot) {
        return block.address() + slot * slotBytes + PacketPort.HEADROOM_BYTES;
    }

    /** Consumer: the length of a taken slot's frame, in bytes. */
    int length(int slot) {
        return lengths[slot];
    }

    /** Consumer: the address of a taken slot's virtio header, or 0 if it has none. */
    long vnetHeader(int slot) {
        return vnetHeaders[slot] ? frame(slot) - VnetHeader.BYTES : 0;
    }

    /** Consumer: gives all taken slots back. */
    void release() {
        released.setRelease(taken);
    }

    /** Ends the use by one of the two sides; the last one frees the memory. */
    void leave() {
        if (users.decrementAndGet() == 0) {
            block.close();
        }
    }
}
