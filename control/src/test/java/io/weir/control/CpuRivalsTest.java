package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CpuRivalsTest {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000_000_000;

    private long now = Long.MAX_VALUE - 3 * SECOND;
    private final CpuRivals rivals = new CpuRivals(now);

    private void letRun(long nanos) {
        rivals.letRun(now, now + nanos);
        now += nanos;
    }

    /** Lets time pass until the worker may look again; returns how long that was. */
    private long untilAlone() {
        long passed = 0;
        while (rivals.among(now)) {
            now += MILLI;
            passed += MILLI;
        }
        return passed;
    }

    /** The worker looks, and each time a thread that does not sleep has the CPU for a slice. */
    private void looksAmongHogs() {
        while (!rivals.among(now)) {
            letRun(4 * MILLI);
            now += MICRO;
        }
    }

    @Test
    void receiversThatTakeTheirPacketAreNone() {
        for (int i = 0; i < 10_000; i++) {
            letRun(900 * MICRO);
            assertThat(rivals.among(now)).isFalse();
        }
    }

    @Test
    void neitherIsWhoTakesLongSeldom() {
        for (int i = 0; i < 1000; i++) {
            letRun(3 * MILLI);
            assertThat(rivals.among(now)).isFalse();
            now += 30 * MILLI;
        }
    }

    @Test
    void whoKeepsTheCpuKeepsTheWorkerFromLooking() {
        long began = now;
        looksAmongHogs();
        assertThat(now - began).isBetween(24 * MILLI, 30 * MILLI);
        assertThat(untilAlone()).isBetween(95 * MILLI, 105 * MILLI);
    }

    @Test
    void theMoreOftenTheyAreThereTheLongerItDoesNotLook() {
        long looked = 0;
        long began = now;
        for (int i = 0; i < 20; i++) {
            long from = now;
            looksAmongHogs();
            looked += now - from;
            untilAlone();
        }
        assertThat(looked * 1000 / (now - began)).as("thousandths").isZero();
        long from = now;
        looksAmongHogs();
        assertThat(now - from).isLessThan(5 * MILLI);
        assertThat(untilAlone()).as("longest").isBetween(99 * SECOND, 101 * SECOND);
    }

    @Test
    void forgetsThemWhenTheyHaveLeft() {
        for (int i = 0; i < 5; i++) {
            looksAmongHogs();
            untilAlone();
        }
        for (int i = 0; i < 20_000; i++) {
            letRun(400 * MICRO);
        }
        letRun(4 * MILLI);
        assertThat(rivals.among(now)).isFalse();
    }
}
