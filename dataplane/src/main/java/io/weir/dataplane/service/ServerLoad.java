package io.weir.dataplane.service;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The connections of a real server on all workers: each writes its own number and reads those of
 * the others, so that schedulers compare sums and thresholds hold for all of them.
 *
 * <p>A worker's numbers for many servers lie side by side, and nobody else writes among them. Any
 * worker; a sum is made of values of some moment of late.
 */
public final class ServerLoad {
    /** Longs of a server: its connections, and its templates. */
    static final int CELLS = 2;

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    /** For each worker a block, to which other servers' loads point as well. */
    private final long[][] blocks;

    private final int at;

    // Written when a threshold is crossed, which is rare enough for a line that all read.
    private volatile boolean overloaded;

    ServerLoad(long[][] blocks, int at) {
        this.blocks = blocks;
        this.at = at;
    }

    /** Says what a worker has. */
    void publish(int worker, int active, int inactive) {
        CELL.setOpaque(blocks[worker], at, (long) active << 32 | inactive);
    }

    /** Says how many templates a worker has. */
    void publishTemplates(int worker, int templates) {
        CELL.setOpaque(blocks[worker], at + 1, (long) templates);
    }

    /** Active connections of all workers in the upper half, inactive ones in the lower. */
    long connections() {
        return sum(at);
    }

    long templates() {
        return sum(at + 1);
    }

    private long sum(int index) {
        long sum = 0;
        for (int i = 0; i < blocks.length; i++) {
            sum += (long) CELL.getOpaque(blocks[i], index);
        }
        return sum;
    }

    boolean overloaded() {
        return overloaded;
    }

    // A line that is only read stays in every core's cache.
    void setOverloaded(boolean now) {
        if (overloaded != now) {
            overloaded = now;
        }
    }
}
