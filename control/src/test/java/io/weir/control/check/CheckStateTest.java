package io.weir.control.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.CheckTiming;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

class CheckStateTest {
    private static final CheckTiming RISE_3_FALL_2 =
            new CheckTiming(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(1),
                    2,
                    3,
                    true,
                    0);

    @Test
    void aServerGoodAtTheFirstCheckEntersAtOnceAndAFailedOneHasToProveItself() {
        CheckTiming timing = CheckTiming.nanny(Duration.ofSeconds(6), Duration.ofSeconds(15));
        CheckState state = CheckState.unknown(timing, 0);
        assertThat(healths(state, "+-+++")).isEqualTo("UDDUU");
        assertThat(healths(CheckState.unknown(timing, 0), "-+-++")).isEqualTo("DDDDU");
    }

    @Test
    void oneFailureOfMoreThatAreAllowedEndsNothing() {
        assertThat(healths(CheckState.unknown(RISE_3_FALL_2, 0), "+-+-+--++-+++"))
                .isEqualTo("UUUUUUDDDDDDU");
    }

    @Test
    void withoutAFirstPassAllPassesAreNeeded() {
        CheckTiming timing =
                new CheckTiming(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(1),
                        1,
                        3,
                        false,
                        0);
        assertThat(healths(CheckState.unknown(timing, 0), "+++-")).isEqualTo("DDUD");
    }

    @Test
    void aNewCheckOfAServerInServiceIsHeldToItsFallAlone() {
        assertThat(healths(CheckState.ofServerInService(RISE_3_FALL_2, 0), "+-")).isEqualTo("UU");
        assertThat(healths(CheckState.ofServerInService(RISE_3_FALL_2, 0), "--")).isEqualTo("UD");
    }

    @Test
    void whatAnotherProcessCountedGoesOn() {
        CheckState down = CheckState.known(RISE_3_FALL_2, Health.DOWN, 2, 0, 0);
        assertThat(healths(down, "+")).isEqualTo("U");
        CheckState up = CheckState.known(RISE_3_FALL_2, Health.UP, 0, 1, 0);
        assertThat(healths(up, "-")).isEqualTo("D");
    }

    @Test
    void theNextCheckBeginsAnIntervalAfterTheEndOfTheLast() {
        CheckState state = CheckState.known(RISE_3_FALL_2, Health.UP, 7, 0, 0);
        state.ended(true, seconds(100), 0);
        assertThat(state.dueNanos()).isEqualTo(seconds(110));
        state.ended(false, seconds(113), 0);
        assertThat(state.dueNanos()).as("again soon, while in service").isEqualTo(seconds(114));
        state.ended(false, seconds(117), 0);
        assertThat(state.dueNanos()).as("no hurry any more").isEqualTo(seconds(127));
    }

    @Test
    void jitterShortensIntervalsAndTheFirstOneSpreadsTheChecks() {
        CheckTiming timing =
                new CheckTiming(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(1),
                        2,
                        3,
                        true,
                        20);
        CheckState state = CheckState.unknown(timing, 0);
        state.ended(true, seconds(0), 0.75);
        assertThat(state.dueNanos()).isEqualTo(seconds(10) / 4);
        state.ended(true, seconds(100), 0.5);
        assertThat(state.dueNanos()).isEqualTo(seconds(109));
        state.ended(true, seconds(200), 0);
        assertThat(state.dueNanos()).isEqualTo(seconds(210));
    }

    @Test
    void agreesWithTheDefinitionOnAnyResults() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            CheckTiming timing =
                    new CheckTiming(
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(1),
                            1 + random.nextInt(4),
                            1 + random.nextInt(4),
                            random.nextBoolean(),
                            0);
            boolean inService = random.nextBoolean();
            CheckState state =
                    inService
                            ? CheckState.ofServerInService(timing, 0)
                            : CheckState.unknown(timing, 0);
            List<Boolean> results = new ArrayList<>();
            double chance = random.nextDouble();
            for (int i = 0; i < 40; i++) {
                boolean passed = random.nextDouble() < chance;
                results.add(passed);
                state.ended(passed, i, random.nextDouble());
                assertThat(state.health())
                        .as("seed %d, %s, in service %s: %s", seed, timing, inService, results)
                        .isEqualTo(defined(timing, inService, results) ? Health.UP : Health.DOWN);
            }
        }
    }

    /** Up is what was admitted at some result, and did not fail too often in a row after it. */
    static boolean defined(CheckTiming timing, boolean inService, List<Boolean> results) {
        if (inService && !run(results, 0, results.size(), false, timing.fall())) {
            return true;
        }
        return IntStream.range(0, results.size())
                .filter(
                        i ->
                                (i == 0 && timing.firstPass() && results.getFirst())
                                        || run(
                                                results,
                                                i + 1 - timing.rise(),
                                                i + 1,
                                                true,
                                                timing.rise()))
                .anyMatch(i -> !run(results, i + 1, results.size(), false, timing.fall()));
    }

    private static boolean run(
            List<Boolean> results, int from, int to, boolean passed, int length) {
        return IntStream.rangeClosed(from, to - length)
                .filter(start -> start >= 0)
                .anyMatch(
                        start ->
                                results.subList(start, start + length).stream()
                                        .allMatch(result -> result == passed));
    }

    private static String healths(CheckState state, String results) {
        StringBuilder healths = new StringBuilder();
        for (int i = 0; i < results.length(); i++) {
            state.ended(results.charAt(i) == '+', 0, 0);
            healths.append(state.health().name().charAt(0));
        }
        return healths.toString();
    }

    private static long seconds(long seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }
}
