package io.weir.control;

/**
 * Notices threads that keep the worker's CPU when it lets them have it, and keeps it from looking
 * for packets then.
 *
 * <p>A worker that looks lets others run by sched_yield(2). Who receives a packet or sends the next
 * soon sleeps again, and that is the cheapest way to share a CPU. Who never sleeps has it for a
 * whole slice each time, and packets wait for milliseconds; a worker that slept is put before such
 * threads when it wakes up.
 *
 * <p>Time is passed in, in nanoseconds. Owned by the worker's thread.
 */
final class CpuRivals {
    /** The receiver of a packet needs less of the CPU than this at a time. */
    static final long LATE_NANOS = 1_000_000;

    /** Time in which little may go by waiting for others that took long. */
    static final long WINDOW_NANOS = 200_000_000;

    /** How much that is. */
    static final long LOSS_NANOS = WINDOW_NANOS / 8;

    /** How long the worker does not look once it knows of rivals. */
    static final long SHORTEST_NANOS = 100_000_000;

    /** How long where they are there again each time. */
    static final long LONGEST_NANOS = 100_000_000_000L;

    private long nextNanos = SHORTEST_NANOS;
    private long untilNanos;
    private long windowBegan;
    private long lostNanos;
    private boolean among;

    CpuRivals(long now) {
        windowBegan = now;
        untilNanos = now;
    }

    /**
     * The worker has let others run.
     *
     * @param from when it did
     * @param now when it had the CPU again
     */
    void letRun(long from, long now) {
        if (now - windowBegan > WINDOW_NANOS) {
            windowBegan = now;
            lostNanos = 0;
            if (now - untilNanos > nextNanos) {
                nextNanos = SHORTEST_NANOS;
            }
        }
        if (now - from > LATE_NANOS) {
            lostNanos += now - from;
            // Those of a while ago need no second proof.
            if (lostNanos > LOSS_NANOS || nextNanos > SHORTEST_NANOS) {
                among = true;
                untilNanos = now + nextNanos;
                nextNanos = Math.min(2 * nextNanos, LONGEST_NANOS);
            }
        }
    }

    /** Whether there are some, as far as is known. */
    boolean among(long now) {
        if (among && now - untilNanos >= 0) {
            among = false;
        }
        return among;
    }
}
