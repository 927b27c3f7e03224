package io.weir.bench.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

final class HighestRateTest {
    private static final int STEPS = 400;
    private static final int STEPS_PER_SECOND = 20;

    @Test
    void comesNearWhatPassesAndStaysThere() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int limit : new int[] {60_000, 300_000, 2_000_000}) {
            HighestRate offer = new HighestRate();
            double rate = offer.first();
            double sum = 0;
            for (int step = 0; step < STEPS; step++) {
                long sent = (long) (rate / STEPS_PER_SECOND);
                double room = limit * (0.97 + random.nextDouble() * 0.06) / STEPS_PER_SECOND;
                rate = offer.next(sent, Math.min(sent, (long) room));
                if (step >= STEPS / 2) {
                    sum += rate;
                }
            }
            assertThat(sum / (STEPS / 2))
                    .as("limit %d, seed %d", limit, seed)
                    .isBetween(0.9 * limit, 1.12 * limit);
        }
    }

    @Test
    void aStepInWhichNothingArrivesCostsAThird() {
        HighestRate offer = new HighestRate();
        double before = offer.first();
        assertThat(offer.next(1000, 0) / before).isBetween(0.65, 0.75);
    }
}
