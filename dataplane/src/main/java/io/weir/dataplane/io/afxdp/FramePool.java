package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.memory.NativeBlock;

import java.util.BitSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;

/**
 * The frames of a worker's AF_XDP ports: one block of memory that every socket registers with the
 * kernel, cut into frames of {@value #FRAME_BYTES} bytes.
 *
 * <p>A frame is in exactly one place: free, held by the worker for the time of a burst, or lent to
 * the kernel by one queue. A queue reserves before it is opened as many frames as it may ever lend,
 * so no queue can starve another, whatever the kernel keeps.
 *
 * <p>The worker owns it; {@link #reserve} and {@link #retire} are for any thread.
 */
public final class FramePool implements AutoCloseable {
    /** The least that the kernel takes, and enough for any frame of an ordinary Ethernet. */
    static final int FRAME_BYTES = 2048;

    /** 40 MiB: three interfaces. */
    public static final int DEFAULT_FRAMES = 20480;

    /** What reserving returns when there is not enough left. */
    static final int NO_OWNER = -1;

    /** Frames that the worker holds at most. */
    private static final int HELD_FRAMES = 64;

    /** A network card may write to its frames for a moment after its socket was closed. */
    private static final long REST_NANOS = 1_000_000_000L;

    private static final int FRAME_SHIFT = 11;
    private static final int MOST_OWNERS = Byte.MAX_VALUE - 1;
    private static final byte FREE = 0;
    private static final byte HELD = 1;
    private static final byte FIRST_OWNER = 2;

    private final NativeBlock memory;
    private final long address;
    private final long bytes;
    private final LongSupplier nanoClock;

    /** For each frame: free, held, or which queue has lent it to the kernel. */
    private final byte[] places;

    /** The free frames, the one used last on top, as that is most likely in the cache. */
    private final int[] free;

    private int freeCount;

    // Guarded by owners.
    private final BitSet owners = new BitSet();
    private int unreserved;

    private final Queue<Retired> retired = new ConcurrentLinkedQueue<>();

    private record Retired(int owner, int frames, long since) {}

    /**
     * Allocates the frames.
     *
     * @param frames how many
     * @param nanoClock tells the time
     */
    public FramePool(int frames, LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        bytes = (long) frames * FRAME_BYTES;
        memory = NativeBlock.table(bytes);
        address = memory.address();
        places = new byte[frames];
        free = new int[frames];
        for (int i = 0; i < frames; i++) {
            free[i] = frames - 1 - i;
        }
        freeCount = frames;
        unreserved = frames - HELD_FRAMES;
    }

    long address() {
        return address;
    }

    long bytes() {
        return bytes;
    }

    /**
     * Reserves frames for a queue.
     *
     * @return the queue's number, or {@link #NO_OWNER} if too few are left
     */
    int reserve(int frames) {
        synchronized (owners) {
            int owner = owners.nextClearBit(FIRST_OWNER);
            if (frames > unreserved || owner > MOST_OWNERS) {
                return NO_OWNER;
            }
            owners.set(owner);
            unreserved -= frames;
            return owner;
        }
    }

    /**
     * Ends a reservation; the worker takes back what the queue has lent when it next looks.
     *
     * @param resting whether the hardware itself may still write to the frames
     */
    void retire(int owner, int frames, boolean resting) {
        long now = nanoClock.getAsLong();
        retired.add(new Retired(owner, frames, resting ? now : now - REST_NANOS));
    }

    /** Takes back the frames of retired queues. */
    void reclaim() {
        Retired next = retired.peek();
        while (next != null && nanoClock.getAsLong() - next.since >= REST_NANOS) {
            retired.remove();
            for (int i = 0; i < places.length; i++) {
                if (places[i] == next.owner) {
                    release(i);
                }
            }
            synchronized (owners) {
                owners.clear(next.owner);
                unreserved += next.frames;
            }
            next = retired.peek();
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
        boolean inside = (offset & (FRAME_BYTES - 1)) + length <= FRAME_BYTES;
        return inside && places[frame] == HELD ? frame : -1;
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
        places[frame] = HELD;
    }

    /** The worker is done with a frame; what it has sent meanwhile is the kernel's. */
    void releaseHeld(int frame) {
        if (places[frame] == HELD) {
            release(frame);
        }
    }

    /** A frame is free again. */
    void release(int frame) {
        places[frame] = FREE;
        free[freeCount++] = frame;
    }

    /** Frees the memory; every socket that has registered it must be closed. */
    @Override
    public void close() {
        memory.close();
    }
}
