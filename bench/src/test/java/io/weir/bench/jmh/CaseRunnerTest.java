package io.weir.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.regex.Pattern;

/** Runs the shortest benchmark in a JVM of its own, as the suite does. */
class CaseRunnerTest {
    @Test
    void measuresTimeClockAndAllocation() throws Exception {
        Settings settings = new Settings(1, 2, 3, 20, 0, 1.1);
        List<Case> cases = Suite.select(Pattern.compile("^TcpStateBenchmark"), false);
        assertThat(cases).hasSize(1);
        CaseRunner runner = new CaseRunner(settings);
        Samples samples = runner.run(cases.getFirst());
        Measurement all = samples.measurement(Double.MAX_VALUE, 0);
        assertThat(all.samples()).isEqualTo(3);
        assertThat(all.median()).isBetween(0.1, 1000.0);
        assertThat(all.cycles()).isPositive();
        assertThat(all.allocatedBytes()).isLessThan(0.1);
        assertThat(samples.gigahertz()).isBetween(0.2, 10.0);
        assertThat(runner.limit()).isLessThan(100);
    }
}
