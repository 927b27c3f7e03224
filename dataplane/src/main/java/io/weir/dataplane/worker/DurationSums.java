package io.weir.dataplane.worker;

import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How long durations of up to certain lengths took together. Such sums only grow, so that the
 * difference of two readings tells of the time between them.
 *
 * @param nanos for each of {@link #LIMITS_NANOS}, the sum of all durations up to it
 */
public record DurationSums(List<Long> nanos) {
    /** In ascending order; the last one stands for all durations. */
    public static final List<Long> LIMITS_NANOS = limits();

    static final DurationSums NONE = new DurationSums(Collections.nCopies(LIMITS_NANOS.size(), 0L));

    private static final long SHORTEST_NANOS = 10_000;
    private static final int DECADES = 5;

    public DurationSums {
        nanos = List.copyOf(nanos);
    }

    private static List<Long> limits() {
        List<Long> limits = new ArrayList<>();
        long decade = SHORTEST_NANOS;
        for (int i = 0; i < DECADES; i++) {
            limits.addAll(List.of(decade, 2 * decade, 5 * decade));
            decade *= 10;
        }
        limits.add(Long.MAX_VALUE);
        return List.copyOf(limits);
    }

    /** Of durations that were each counted as often as they have nanoseconds. */
    static DurationSums of(Histogram weighted) {
        return new DurationSums(
                LIMITS_NANOS.stream()
                        .map(limit -> weighted.getCountBetweenValues(0, limit))
                        .toList());
    }
}
