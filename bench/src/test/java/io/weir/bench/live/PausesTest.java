package io.weir.bench.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.worker.DurationSums;

import org.junit.jupiter.api.Test;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

final class PausesTest {
    private static final int LIMITS = DurationSums.LIMITS_NANOS.size();

    private static Map<String, Double> turns(List<Long> sums, double nanos) {
        return Pauses.turns(sums, nanos).entrySet().stream()
                .collect(Collectors.toMap(entry -> entry.getKey().name(), Map.Entry::getValue));
    }

    /** A tenth of a second, of which so much was in turns of 1 to 2 ms. */
    private static List<Long> sums(long longNanos) {
        int limit = DurationSums.LIMITS_NANOS.indexOf(1_000_000L);
        return IntStream.range(0, LIMITS)
                .mapToObj(i -> i <= limit ? 100_000_000L - longNanos : 100_000_000L)
                .toList();
    }

    @Test
    void tellsTheShareOfLongTurnsAndTheBoundOfThePercentile() {
        Map<String, Double> found = turns(sums(5_000), 200_000_000);
        assertThat(found)
                .containsEntry("in turns over 1 ms", 0.005)
                .containsEntry("p99.99 of turns, at most", 10.0)
                .containsEntry("awake", 50.0);
        assertThat(turns(sums(20_000), 200_000_000))
                .containsEntry("in turns over 1 ms", 0.02)
                .containsEntry("p99.99 of turns, at most", 2000.0);
    }

    @Test
    void aWorkerThatSleptHadNoLongTurn() {
        List<Long> none = Collections.nCopies(LIMITS, 0L);
        assertThat(turns(none, 1e9))
                .containsEntry("in turns over 1 ms", 0.0)
                .containsEntry("awake", 0.0);
    }
}
