package io.weir.dataplane.worker;

import org.HdrHistogram.Histogram;

/**
 * How often durations occurred, since the start and in the last ten minutes.
 *
 * <p>One thread writes, without locks or allocation; any thread reads some recent value. Minutes
 * are kept apart, and every minute the oldest one is cleared.
 */
final class RecentHistogram {
    static final long SLICE_NANOS = 60_000_000_000L;

    // Ten full minutes and the one that is going on.
    static final int SLICES = 11;

    // With a precision of a hundredth, or 64 ns; 22 KiB a slice.
    private static final int DIGITS = 2;
    private static final long SHORTEST_NANOS = 64;
    private static final long LONGEST_NANOS = 10_000_000_000L;

    private final Histogram[] slices = new Histogram[SLICES];
    private final Histogram older = histogram();
    private Histogram current;
    private int currentIndex;
    private long sliceBegan;

    RecentHistogram(long now) {
        for (int i = 0; i < SLICES; i++) {
            slices[i] = histogram();
        }
        current = slices[0];
        sliceBegan = now;
    }

    private static Histogram histogram() {
        return new Histogram(SHORTEST_NANOS, LONGEST_NANOS, DIGITS);
    }

    /**
     * Counts a duration.
     *
     * @param nanos not negative; what is longer than 10 s counts as 10 s
     * @param weight how often it is counted
     */
    void add(long nanos, long weight) {
        current.recordValueWithCount(Math.min(nanos, LONGEST_NANOS), weight);
    }

    /** Begins a new minute if the old one is over. */
    void roll(long now) {
        if (now - sliceBegan < SLICE_NANOS) {
            return;
        }
        sliceBegan = now;
        currentIndex = (currentIndex + 1) % SLICES;
        Histogram oldest = slices[currentIndex];
        older.add(oldest);
        oldest.reset();
        current = oldest;
    }

    /** Those of the last ten to eleven minutes; any thread. */
    DurationSpread recent() {
        return DurationSpread.of(sum());
    }

    /** All since the start; any thread. */
    DurationSpread sinceStart() {
        return DurationSpread.of(all());
    }

    /** All since the start, if each was counted as often as it has nanoseconds; any thread. */
    DurationSums sums() {
        return DurationSums.of(all());
    }

    private Histogram all() {
        Histogram all = sum();
        all.add(older);
        return all;
    }

    // Adding counts what it finds, so it does not mind that the other thread goes on writing.
    private Histogram sum() {
        Histogram sum = histogram();
        for (Histogram slice : slices) {
            sum.add(slice);
        }
        return sum;
    }
}
