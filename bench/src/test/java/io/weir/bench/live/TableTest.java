package io.weir.bench.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

final class TableTest {
    @Test
    void numbersHaveThreeDigitsAtLeast() {
        assertThat(Table.number(123_456.7)).isEqualTo("123457");
        assertThat(Table.number(12.345)).isEqualTo("12.3");
        assertThat(Table.number(0.012_345)).isEqualTo("0.0123");
        assertThat(Table.number(0)).isEqualTo("0.00");
        assertThat(Table.number(Double.NaN)).isEqualTo("-");
    }

    @Test
    void aLineSaysHowAContenderComparesWithAReference() {
        Metric rate = new Metric("rate", "1/s", false);
        MeasureResults results =
                new MeasureResults(
                        "requests",
                        "HTTP requests",
                        new Environment("", "", 2, "", "", "", "", Map.of()),
                        Layout.DEFAULT,
                        Family.IPV4,
                        "quick",
                        1,
                        List.of(rate),
                        new LinkedHashMap<>(),
                        new LinkedHashMap<>());
        for (double sample : new double[] {10, 20, 40}) {
            results.add(new KernelForwarding(), Map.of(rate, sample));
            results.add(new KernelNat(), Map.of(rate, sample / 2));
        }
        assertThat(Table.of(results, List.of("forward", "haproxy")).lines())
                .containsExactly(
                        "requests: HTTP requests (quick)",
                        "metric     contender  median  range        to forward",
                        "rate, 1/s  forward    20.0    10.0 - 40.0  1.00 (1.00 - 1.00)",
                        "rate, 1/s  dnat       10.0    5.00 - 20.0  0.50 (0.50 - 0.50)");
    }
}
