package io.weir.control;

/**
 * Notices that other threads take the worker's CPU when it lets them, and keeps it from looking for
 * packets then.
 *
 * <p>A worker that looks lets others run by sched_yield(2), which puts it behind whoever waits for
 * the CPU, and to stay there for that one's whole slice; a thread that slept is put before those
 * that ran meanwhile. So among rivals a packet waits less for a worker that sleeps.
 *
 * <p>Time is passed in, in nanoseconds. Owned by the worker's thread.
 */
final class CpuRivals {
    /** The receiver of a packet needs less of the CPU than this. */
    static final long LATE_NANOS = 500_000;

    /** How long the worker does not look after the first late return. */
    static final long SHORTEST_NANOS = 100_000_000;

    /** How long after many. */
    static final long LONGEST_NANOS = 100_000_000_000L;

    private long untilNanos;
    private long nextNanos = SHORTEST_NANOS;
    private boolean among;

    /**
     * The worker has let others run.
     *
     * @param from when it did
     * @param now when it had the CPU again
     */
    void letRun(long from, long now) {
        if (now - from > LATE_NANOS) {
            among = true;
            untilNanos = now + nextNanos;
            nextNanos = Math.min(2 * nextNanos, LONGEST_NANOS);
        } else if (now - untilNanos > nextNanos) {
            nextNanos = SHORTEST_NANOS;
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
