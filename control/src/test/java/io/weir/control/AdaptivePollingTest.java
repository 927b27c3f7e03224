package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;
import java.util.function.LongSupplier;

final class AdaptivePollingTest {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;

    private final AdaptivePolling polling = new AdaptivePolling();
    private long now = 12_345;

    /** Lets work come after a time; returns how long the worker looked for it. */
    private long looksFor(long gap) {
        polling.idle(now);
        long looked = 0;
        while (looked < gap && polling.looksOn(now + looked)) {
            looked += MICRO;
        }
        now += gap;
        polling.busy(now);
        return looked;
    }

    private long average(int gaps, LongSupplier next) {
        long sum = 0;
        for (int i = 0; i < gaps; i++) {
            sum += looksFor(next.getAsLong());
        }
        return sum / gaps;
    }

    @Test
    void looksUntilTheNextPacketWherePacketsAreClose() {
        average(100, () -> 20 * MICRO);
        assertThat(looksFor(20 * MICRO)).isEqualTo(20 * MICRO);
    }

    @Test
    void sleepsAtOnceWherePacketsAreFarApart() {
        average(100, () -> 30 * MILLI);
        assertThat(looksFor(30 * MILLI)).isZero();
    }

    @Test
    void looksForTheAnswerButNotForTheNextQuestion() {
        for (int i = 0; i < 100; i++) {
            looksFor(20 * MILLI);
            looksFor(110 * MICRO);
        }
        assertThat(looksFor(20 * MILLI)).as("after an answer").isZero();
        assertThat(looksFor(110 * MICRO)).as("after a question").isEqualTo(110 * MICRO);
    }

    @Test
    void waitsLongerForAnAnswerWhereThatIsRare() {
        for (int i = 0; i < 100; i++) {
            looksFor(100 * MILLI);
            looksFor(400 * MICRO);
        }
        looksFor(100 * MILLI);
        assertThat(looksFor(400 * MICRO)).as("ten a second").isEqualTo(400 * MICRO);
        for (int i = 0; i < 100; i++) {
            looksFor(MILLI);
            looksFor(400 * MICRO);
        }
        looksFor(MILLI);
        assertThat(looksFor(400 * MICRO)).as("seven hundred a second").isZero();
    }

    @Test
    void forgetsWhatWasBefore() {
        average(10_000, () -> 10 * MICRO);
        average(250, () -> 30 * MILLI);
        assertThat(looksFor(30 * MILLI)).isZero();
    }

    @Test
    void looksInVainForAFewHundredthsOfTheTimeAtMost() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        long looked = 0;
        long passed = 0;
        for (int i = 0; i < 2_000; i++) {
            long gap = MILLI + random.nextLong(20 * MILLI);
            looked += looksFor(gap);
            passed += gap;
        }
        assertThat(looked * 100 / passed).as("per cent, seed %d", seed).isLessThanOrEqualTo(3);
    }

    /** Against the best single limit that somebody who knows all gaps could choose. */
    @Test
    void costsLittleMoreThanTheBestLimitInHindsight() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 40; round++) {
            long[] gaps = mixture(random);
            double least = Double.MAX_VALUE;
            for (long limit = 0; limit <= AdaptivePolling.LONGEST_NANOS; limit += 4 * MICRO) {
                least = Math.min(least, cost(gaps, limit));
            }
            long cost = 0;
            for (long gap : gaps) {
                long looked = looksFor(gap);
                cost += looked < gap ? looked + 100 * MICRO : looked;
            }
            assertThat((double) cost).as("seed %d round %d", seed, round).isLessThan(1.5 * least);
        }
    }

    private static double cost(long[] gaps, long limit) {
        double cost = 0;
        for (long gap : gaps) {
            cost += gap <= limit ? gap : limit + 100.0 * MICRO;
        }
        return cost;
    }

    /** Short and long idle times, none so long that wake-ups count as rare. */
    private static long[] mixture(SplittableRandom random) {
        double shortMean = 5 * MICRO * (1 + random.nextInt(20));
        double longMean = 100 * MICRO * (1 + random.nextInt(10));
        double share = random.nextDouble();
        long[] gaps = new long[4_000];
        for (int i = 0; i < gaps.length; i++) {
            double mean = random.nextDouble() < share ? shortMean : longMean;
            gaps[i] = 1 + (long) (-Math.log(1 - random.nextDouble()) * mean);
        }
        return gaps;
    }
}
