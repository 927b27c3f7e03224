package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.memory.NativeBlock;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * The memory of all workers' AF_XDP ports: one block that every socket registers with the kernel,
 * cut into frames of {@value #FRAME_BYTES} bytes.
 *
 * <p>Workers whose sockets share a receive queue get frames there that others have lent. That is no
 * matter, since frames are all alike: each worker keeps as many as it began with.
 *
 * <p>Any thread.
 */
public final class FrameMemory implements AutoCloseable {
    /** The least that the kernel takes, and enough for any frame of an ordinary Ethernet. */
    static final int FRAME_BYTES = 2048;

    /** 40 MiB: three interfaces. */
    public static final int DEFAULT_FRAMES = 20480;

    /** What reserving returns when there is not enough left. */
    static final int NO_OWNER = -1;

    /** Frames that a worker holds at most. */
    private static final int HELD_FRAMES = 64;

    /** A network card may write to its frames for a moment after its socket was closed. */
    private static final long REST_NANOS = 1_000_000_000L;

    private static final int MOST_OWNERS = Byte.MAX_VALUE - 1;
    private static final int TAKEN_BACK = -1;

    private final NativeBlock memory;
    private final LongSupplier nanoClock;
    private final List<FramePool> pools = new ArrayList<>();

    // Guarded by this.
    private final BitSet owners = new BitSet();
    private int unreserved;
    private final List<Retired> retired = new ArrayList<>();

    /** A reservation that has ended, and what each worker has not taken back of it. */
    private static final class Retired {
        private final int owner;
        private final int frames;
        private final int[] lent;
        private final long since;

        Retired(int owner, int frames, int[] lent, long since) {
            this.owner = owner;
            this.frames = frames;
            this.lent = lent;
            this.since = since;
        }
    }

    /**
     * Allocates the frames.
     *
     * @param workers how many share them
     * @param frames how many each worker has
     * @param nanoClock tells the time
     */
    public FrameMemory(int workers, int frames, LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        int all = Math.multiplyExact(workers, frames);
        memory = NativeBlock.table((long) all * FRAME_BYTES);
        byte[] places = new byte[all];
        for (int worker = 0; worker < workers; worker++) {
            pools.add(new FramePool(this, places, worker, frames));
        }
        unreserved = frames - HELD_FRAMES;
    }

    /** The workers' frames, by their numbers. */
    List<FramePool> pools() {
        return pools;
    }

    long address() {
        return memory.address();
    }

    long bytes() {
        return memory.bytes();
    }

    /**
     * Reserves frames for an interface.
     *
     * @param frames how many each worker may lend it at most
     * @return the interface's number, or {@link #NO_OWNER} if too few are left
     */
    synchronized int reserve(int frames) {
        int owner = owners.nextClearBit(FramePool.FIRST_OWNER);
        if (frames > unreserved || owner > MOST_OWNERS) {
            return NO_OWNER;
        }
        owners.set(owner);
        unreserved -= frames;
        return owner;
    }

    /**
     * Ends a reservation; each worker takes back as many frames as it has lent when it next looks.
     *
     * @param lent how many that are, by the workers' numbers
     * @param resting whether the hardware itself may still write to the frames
     */
    synchronized void retire(int owner, int frames, int[] lent, boolean resting) {
        long now = nanoClock.getAsLong();
        int[] left = IntStream.of(lent).map(one -> one == 0 ? TAKEN_BACK : one).toArray();
        retired.add(new Retired(owner, frames, left, resting ? now : now - REST_NANOS));
        retired.removeIf(this::isOver);
    }

    private boolean isOver(Retired one) {
        boolean over = IntStream.of(one.lent).allMatch(lent -> lent == TAKEN_BACK);
        if (over) {
            owners.clear(one.owner);
            unreserved += one.frames;
        }
        return over;
    }

    /** Gives a worker back what it has lent to retired interfaces; that worker only. */
    synchronized void reclaim(FramePool pool) {
        int worker = pools.indexOf(pool);
        for (Retired one : retired) {
            if (one.lent[worker] != TAKEN_BACK && nanoClock.getAsLong() - one.since >= REST_NANOS) {
                pool.takeBack(one.owner, one.lent[worker]);
                one.lent[worker] = TAKEN_BACK;
            }
        }
        retired.removeIf(this::isOver);
    }

    /** Frees the memory; every socket that has registered it must be closed. */
    @Override
    public void close() {
        memory.close();
    }
}
