package io.weir.dataplane.io.afxdp;

/**
 * The frames of a worker.
 *
 * <p>A frame is in exactly one place: free, held by a worker for the time of a burst, or lent to
 * the kernel by way of one interface. Each interface reserves before it is opened as many frames as
 * a worker may ever lend it, so no interface can starve another, whatever the kernel keeps.
 *
 * <p>The worker owns it.
 */
final class FramePool {
    private static final int FRAME_SHIFT = 11;
    private static final byte FREE = 0;
    static final int FIRST_OWNER = 1;

    private final FrameMemory memory;
    private final long address;
    private final long bytes;

    /**
     * For each frame of all workers: free, by which worker it is held, or by way of which interface
     * it was lent to the kernel. What a worker has sent may be another's by the time of its {@link
     * #releaseHeld}.
     */
    private final byte[] places;

    /** What is there of a frame that this worker holds; negative. */
    private final byte held;

    /** The free frames, the one used last on top, as that is most likely in the cache. */
    private final int[] free;

    private int freeCount;

    FramePool(FrameMemory memory, byte[] places, int worker, int frames) {
        this.memory = memory;
        this.held = (byte) ~worker;
        this.address = memory.address();
        this.bytes = memory.bytes();
        this.places = places;
        free = new int[frames];
        for (int i = 0; i < frames; i++) {
            free[i] = (worker + 1) * frames - 1 - i;
        }
        freeCount = frames;
    }

    long address() {
        return address;
    }

    /** Takes back the frames of retired interfaces. */
    void reclaim() {
        memory.reclaim(this);
    }

    /** Takes so many of the frames that have been lent by way of an interface. */
    void takeBack(int owner, int frames) {
        int left = frames;
        for (int frame = 0; left > 0 && frame < places.length; frame++) {
            if (places[frame] == owner) {
                release(frame);
                left--;
            }
        }
    }

    /** The frame that an address of this memory, counted from its start, lies in. */
    static int frameAt(long offset) {
        return (int) (offset >>> FRAME_SHIFT);
    }

    static long offsetOf(int frame) {
        return (long) frame << FRAME_SHIFT;
    }

    /**
     * The frame whose memory bytes lie in, if the worker holds it; otherwise -1.
     *
     * @param at absolute address of the first byte
     */
    int heldFrame(long at, int length) {
        long offset = at - address;
        if (offset < 0 || offset >= bytes) {
            return -1;
        }
        int frame = frameAt(offset);
        long within = offset & (FrameMemory.FRAME_BYTES - 1);
        return within + length <= FrameMemory.FRAME_BYTES && places[frame] == held ? frame : -1;
    }

    /** For tests. */
    boolean isFree(int frame) {
        return places[frame] == FREE;
    }

    int freeFrames() {
        return freeCount;
    }

    /** Lends a free frame to the kernel; -1 if there is none. */
    int lendFree(int owner) {
        if (freeCount == 0) {
            return -1;
        }
        int frame = free[--freeCount];
        places[frame] = (byte) owner;
        return frame;
    }

    /** Lends a frame that the worker holds to the kernel. */
    void lend(int frame, int owner) {
        places[frame] = (byte) owner;
    }

    /** The kernel has given a frame to the worker. */
    void hold(int frame) {
        places[frame] = held;
    }

    /** The worker is done with a frame; what it has sent meanwhile is the kernel's. */
    void releaseHeld(int frame) {
        if (places[frame] == held) {
            release(frame);
        }
    }

    /** A frame is free again. */
    void release(int frame) {
        places[frame] = FREE;
        free[freeCount++] = frame;
    }
}
