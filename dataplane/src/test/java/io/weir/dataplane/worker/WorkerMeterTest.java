package io.weir.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;

final class WorkerMeterTest {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000_000_000;

    /** The histogram's. */
    private static final Percentage PRECISION = Percentage.withPercentage(1);

    private long now = Long.MAX_VALUE - 5 * SECOND;
    private final WorkerMeter meter = new WorkerMeter(now);

    /** Takes turns of one length for a time. */
    private void turns(long nanos, boolean work, long during) {
        for (long spent = 0; spent < during; spent += nanos) {
            turn(nanos, work);
        }
    }

    private void turn(long nanos, boolean works) {
        meter.turn(now, works);
        now += nanos;
    }

    private void sleep(long wanted, long slept) {
        meter.sleep(now, wanted);
        now += slept;
    }

    private WorkerTimes times() {
        meter.turn(now, false);
        return meter.read();
    }

    @Test
    void nothingIsMeasuredBeforeTheFirstTurn() {
        assertThat(meter.read()).isEqualTo(WorkerTimes.NONE);
        now += 3 * SECOND;
        assertThat(times()).isEqualTo(WorkerTimes.NONE);
    }

    @Test
    void turnsAreWeightedByTheirLength() {
        // Of ten seconds, 30 ms are spent in three turns that are a thousandth of all turns.
        turns(10 * MICRO, true, 10 * SECOND - 30 * MILLI);
        turns(10 * MILLI, true, 30 * MILLI);
        DurationSpread spread = times().turns();
        assertThat(spread.p50()).isCloseTo(10 * MICRO, PRECISION);
        assertThat(spread.p99()).isCloseTo(10 * MICRO, PRECISION);
        assertThat(spread.p999()).isCloseTo(10 * MILLI, PRECISION);
        assertThat(spread.p9999()).isCloseTo(10 * MILLI, PRECISION);
        assertThat(spread.longest()).isCloseTo(10 * MILLI, PRECISION);
    }

    @Test
    void sumsSayHowLongTurnsOfALengthTook() {
        turns(8 * MICRO, true, SECOND);
        turns(3 * MILLI, true, 30 * MILLI);
        DurationSums before = times().turnSums();
        turns(30 * MICRO, true, SECOND);
        turns(30 * MILLI, true, 300 * MILLI);
        DurationSums after = times().turnSums();
        assertThat(before.nanos().getFirst()).isCloseTo(SECOND, within(10 * MICRO));
        assertThat(between(before, after, 20 * MICRO)).isZero();
        assertThat(between(before, after, 50 * MICRO)).isCloseTo(SECOND, within(30 * MICRO));
        assertThat(between(before, after, 20 * MILLI)).isCloseTo(SECOND, within(30 * MICRO));
        assertThat(between(before, after, Long.MAX_VALUE))
                .isCloseTo(1300 * MILLI, within(30 * MICRO));
    }

    private static long between(DurationSums before, DurationSums after, long limit) {
        int index = DurationSums.LIMITS_NANOS.indexOf(limit);
        return after.nanos().get(index) - before.nanos().get(index);
    }

    @Test
    void agreesWithASortedListOfAllTime() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        List<Long> microseconds = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            long micros = 1 + (long) Math.exp(random.nextDouble(8));
            turn(micros * MICRO, random.nextBoolean());
            microseconds.addAll(Collections.nCopies((int) micros, micros));
        }
        Collections.sort(microseconds);
        DurationSpread spread = times().turns();
        assertThat(spread.p50()).as("seed %d", seed).isCloseTo(of(microseconds, 0.5), PRECISION);
        assertThat(spread.p99()).as("seed %d", seed).isCloseTo(of(microseconds, 0.99), PRECISION);
        assertThat(spread.p999()).as("seed %d", seed).isCloseTo(of(microseconds, 0.999), PRECISION);
        assertThat(spread.longest()).as("seed %d", seed).isCloseTo(of(microseconds, 1), PRECISION);
    }

    private static long of(List<Long> sortedMicros, double share) {
        return sortedMicros.get((int) Math.ceil(share * sortedMicros.size()) - 1) * MICRO;
    }

    @Test
    void sleepIsNoTurnButLateWakeUpsAreSeen() {
        turn(20 * MICRO, true);
        sleep(100 * MILLI, 100 * MILLI + 70 * MICRO);
        turn(20 * MICRO, false);
        sleep(100 * MILLI, 3 * MILLI);
        turn(20 * MICRO, true);
        WorkerTimes times = times();
        assertThat(times.turns().longest()).isCloseTo(20 * MICRO, PRECISION);
        assertThat(times.lateness().longest()).isCloseTo(70 * MICRO, PRECISION);
        assertThat(times.lateness().p50()).as("one only").isEqualTo(times.lateness().longest());
        assertThat(times.busyNanos()).isEqualTo(40 * MICRO);
    }

    @Test
    void busyShareFollowsWhatTheWorkerDoes() {
        for (int i = 0; i < 600; i++) {
            turns(MICRO, true, 30 * MILLI);
            sleep(70 * MILLI, 70 * MILLI);
        }
        assertThat(times().busyShare()).isCloseTo(0.3, within(0.01));
        turns(MICRO, false, 10 * SECOND);
        assertThat(times().busyShare()).as("ten seconds later").isBetween(0.08, 0.15);
        turns(MICRO, true, 60 * SECOND);
        assertThat(times().busyShare()).isCloseTo(1, within(0.01));
    }

    @Test
    void whatIsRecentIsForgottenAfterElevenMinutes() {
        turn(5 * MILLI, true);
        turns(MILLI, true, 10 * 60 * SECOND);
        assertThat(times().recentTurns().longest()).isCloseTo(5 * MILLI, PRECISION);
        turns(MILLI, true, 61 * SECOND);
        assertThat(times().recentTurns().longest()).isCloseTo(MILLI, PRECISION);
        turns(MILLI, true, 30 * 60 * SECOND);
        assertThat(times().turns().longest()).as("since the start").isCloseTo(5 * MILLI, PRECISION);
        assertThat(times().busyNanos()).isEqualTo((41 * 60 + 1) * SECOND + 5 * MILLI);
    }

    @Test
    void veryLongTurnsCountAsTenSeconds() {
        turn(100 * SECOND, true);
        assertThat(times().turns().longest()).isCloseTo(10 * SECOND, PRECISION);
    }

    @Test
    void canBeReadWhileItIsWritten() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        Thread writer =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    while (!done.get()) {
                                        turns(100 * MILLI, true, 30 * SECOND);
                                    }
                                });
        try {
            for (int i = 0; i < 2_000; i++) {
                DurationSpread spread = meter.read().recentTurns();
                assertThat(spread.longest()).isIn(0L, times100Millis());
                assertThat(spread.p9999()).isIn(0L, times100Millis());
            }
        } finally {
            done.set(true);
            writer.join();
        }
    }

    private static long times100Millis() {
        WorkerMeter other = new WorkerMeter(0);
        other.turn(0, true);
        other.turn(100 * MILLI, true);
        return other.read().turns().longest();
    }
}
