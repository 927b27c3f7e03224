package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;

/**
 * The routes of one family as what they make of the address space: ranges of addresses that have
 * the same best route, in order. A table of an address's first bits says between which ranges a
 * binary search has to look.
 *
 * <p>An IPv4 address stands in the upper half of {@code high}. Immutable.
 */
final class PrefixRanges {
    private static final int MOST_INDEX_BITS = 16;
    // Where ranges begin, with the first bit turned over, so that signed comparisons order them.
    private final long[] startHigh;
    private final long[] startLow;
    private final @Nullable Route[] routes;

    // For each value of the first bits the range of the first such address, and the last range.
    private final int[] index;
    private final int indexShift;

    /** Derives the ranges of routes of one family. */
    PrefixRanges(List<Route> family) {
        PrefixSweep sweep = new PrefixSweep(family);
        startHigh = turned(sweep.startHigh());
        startLow = turned(sweep.startLow());
        routes = sweep.routes();
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(routes.length);
        bits = Math.min(bits, MOST_INDEX_BITS);
        indexShift = Long.SIZE - bits;
        index = new int[(1 << bits) + 1];
        fillIndex();
    }

    private static long turned(long number) {
        return number ^ Long.MIN_VALUE;
    }

    private static long[] turned(long[] numbers) {
        Arrays.setAll(numbers, i -> turned(numbers[i]));
        return numbers;
    }

    private void fillIndex() {
        int range = 0;
        for (int bucket = 0; bucket < index.length - 1; bucket++) {
            long high = turned((long) bucket << indexShift);
            while (range + 1 < routes.length && !isAfter(range + 1, high, Long.MIN_VALUE)) {
                range++;
            }
            index[bucket] = range;
        }
        index[index.length - 1] = routes.length - 1;
    }

    /** Whether a range begins behind an address. */
    private boolean isAfter(int range, long turnedHigh, long turnedLow) {
        long start = startHigh[range];
        return start > turnedHigh || (start == turnedHigh && startLow[range] > turnedLow);
    }

    /** The best route to an address, or null. */
    @Nullable Route find(long high, long low) {
        return routes[range(high, low)];
    }

    /** The number of the range that an address is in. */
    int range(long high, long low) {
        int bucket = (int) (high >>> indexShift);
        long turnedHigh = turned(high);
        long turnedLow = turned(low);
        int from = index[bucket];
        int to = index[bucket + 1];
        while (from < to) {
            int middle = (from + to + 1) >>> 1;
            if (isAfter(middle, turnedHigh, turnedLow)) {
                to = middle - 1;
            } else {
                from = middle;
            }
        }
        return from;
    }
}
