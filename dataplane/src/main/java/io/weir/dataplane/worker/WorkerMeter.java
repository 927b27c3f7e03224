package io.weir.dataplane.worker;

/**
 * Measures how a worker spends its time: how much of it it works, and how long it does not look at
 * its ports.
 *
 * <p>A turn is the time from one look at the ports to the next. Whatever keeps a worker from its
 * ports makes a turn long: a big burst, housekeeping, a pause of the garbage collector, another
 * thread on its CPU. Turns are weighted by their length, because that many packets can meet them:
 * for 99 % of the time that the worker was awake, turns took no longer than their p99. Sleep that
 * the worker chose is no part of a turn; a packet ends it. How late it ends if time is up is
 * counted apart.
 *
 * <p>Times are passed in, in nanoseconds that never go back. The worker's thread writes, without
 * locks or allocation; any thread reads some recent value.
 */
public final class WorkerMeter {
    private static final long TICK_NANOS = 1_000_000_000;
    private static final double MEAN_OVER_NANOS = 10e9;

    private final RecentHistogram turns;
    private final RecentHistogram lateness;
    private long turnBegan;
    private boolean turnWorks;
    private boolean asleep = true;
    private long sleepBegan;
    private long sleepNanos = Long.MAX_VALUE;
    private long busyNanos;
    private double busyShare;
    private long tickedAt;
    private long busyNanosAtTick;

    /** That of a worker which has not taken a turn yet. */
    public WorkerMeter(long now) {
        turns = new RecentHistogram(now);
        lateness = new RecentHistogram(now);
        sleepBegan = now;
        tickedAt = now;
    }

    /**
     * A turn has begun, and the one before it, or the sleep, ended.
     *
     * @param began when
     * @param works whether it found something to do
     */
    public void turn(long began, boolean works) {
        if (asleep) {
            wokeUp(began);
        } else {
            turnEnds(began);
        }
        turnBegan = began;
        turnWorks = works;
        if (began - tickedAt >= TICK_NANOS) {
            tick(began);
        }
    }

    /**
     * The worker goes to sleep.
     *
     * @param now when, which ends its turn
     * @param nanos how long it means to sleep if nothing comes
     */
    public void sleep(long now, long nanos) {
        turnEnds(now);
        asleep = true;
        sleepBegan = now;
        sleepNanos = nanos;
    }

    private void wokeUp(long now) {
        asleep = false;
        long late = now - sleepBegan - sleepNanos;
        if (late >= 0) {
            lateness.add(late, 1);
        }
    }

    private void turnEnds(long now) {
        long nanos = now - turnBegan;
        turns.add(nanos, nanos);
        if (turnWorks) {
            busyNanos += nanos;
        }
    }

    private void tick(long now) {
        double elapsed = now - tickedAt;
        double share = (busyNanos - busyNanosAtTick) / elapsed;
        busyShare += (share - busyShare) * Math.min(1, elapsed / MEAN_OVER_NANOS);
        tickedAt = now;
        busyNanosAtTick = busyNanos;
        turns.roll(now);
        lateness.roll(now);
    }

    /** What was measured until about now; any thread. */
    public WorkerTimes read() {
        return new WorkerTimes(
                busyShare,
                busyNanos,
                turns.recent(),
                turns.sinceStart(),
                turns.sums(),
                lateness.recent(),
                lateness.sinceStart());
    }
}
