package io.weir.dataplane.egress;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.memory.NativeBlock;

/**
 * Memory for the frames the balancer makes itself: ICMP errors, resets, ARP. Each is good until the
 * ports are flushed; a burst that needs more than there are goes without. Owned by the worker.
 */
public final class ScratchFrames implements AutoCloseable {
    /** The most bytes of a frame. */
    public static final int FRAME_BYTES = 2048 - PacketPort.HEADROOM_BYTES;

    private static final int FRAMES = 256;
    private static final int STRIDE = 2048;

    private final NativeBlock block = new NativeBlock((long) FRAMES * STRIDE);
    private int used;

    /** The address of an unused frame, or 0 if there is none. */
    public long claim() {
        if (used == FRAMES) {
            return 0;
        }
        return block.address() + (long) used++ * STRIDE + PacketPort.HEADROOM_BYTES;
    }

    /** How many frames are unused. */
    int available() {
        return FRAMES - used;
    }

    /** Whether a frame is one of these. */
    boolean contains(long frame) {
        return frame >= block.address() && frame < block.address() + block.bytes();
    }

    /** Makes all frames unused; nothing queued may refer to them any more. */
    public void reset() {
        used = 0;
    }

    @Override
    public void close() {
        block.close();
    }
}
