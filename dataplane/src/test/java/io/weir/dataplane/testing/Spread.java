package io.weir.dataplane.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.IntUnaryOperator;

/** How evenly a hash puts things into places. */
public final class Spread {
    /**
     * How far the pairs in one place may be from those of chance, in standard deviations. A random
     * function is beyond that once in 4 * 10^9 values at most (Chernoff's bound), so in one of a
     * million runs of a thousand values.
     */
    private static final double MOST_DEVIATIONS = 8;

    private Spread() {}

    /**
     * Asserts that there are as many pairs in one place as by chance, neither more nor fewer.
     *
     * @param placeOf the place of each number from zero
     * @param words what is said if not
     */
    public static void assertByChance(
            int count, int places, IntUnaryOperator placeOf, String words) {
        double expected = count * (count - 1.0) / 2 / places;
        double deviation = Math.sqrt(expected * (1 - 1.0 / places));
        int[] sizes = new int[places];
        long pairs = 0;
        for (int i = 0; i < count; i++) {
            pairs += sizes[placeOf.applyAsInt(i)]++;
        }
        assertThat((double) pairs)
                .as(words)
                .isCloseTo(expected, within(MOST_DEVIATIONS * deviation));
    }
}
