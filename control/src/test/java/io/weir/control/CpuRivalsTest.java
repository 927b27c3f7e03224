package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CpuRivalsTest {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000_000_000;

    private final CpuRivals rivals = new CpuRivals();
    private long now = Long.MAX_VALUE - 3 * SECOND;

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

    @Test
    void receiversThatTakeTheirPacketAreNone() {
        for (int i = 0; i < 1000; i++) {
            letRun(400 * MICRO);
            assertThat(rivals.among(now)).isFalse();
        }
    }

    @Test
    void whoTakesTheCpuForLongKeepsItFromLooking() {
        letRun(4 * MILLI);
        assertThat(untilAlone()).isBetween(95 * MILLI, 105 * MILLI);
    }

    @Test
    void theMoreOftenTheyAreThereTheLongerItDoesNotLook() {
        long looked = 0;
        long began = now;
        for (int i = 0; i < 20; i++) {
            letRun(4 * MILLI);
            looked += 4 * MILLI;
            untilAlone();
        }
        assertThat(looked * 10_000 / (now - began)).as("parts of ten thousand").isZero();
        letRun(4 * MILLI);
        assertThat(untilAlone()).as("longest").isBetween(99 * SECOND, 101 * SECOND);
    }

    @Test
    void forgetsThemWhenTheyHaveLeft() {
        for (int i = 0; i < 5; i++) {
            letRun(4 * MILLI);
            untilAlone();
        }
        for (int i = 0; i < 10_000; i++) {
            letRun(400 * MICRO);
        }
        letRun(4 * MILLI);
        assertThat(untilAlone()).isBetween(95 * MILLI, 105 * MILLI);
    }
}
