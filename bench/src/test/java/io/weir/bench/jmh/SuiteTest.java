package io.weir.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

class SuiteTest {
    private static List<String> keys(String pattern, boolean quick) {
        return Suite.select(Pattern.compile(pattern), quick).stream().map(Case::key).toList();
    }

    @Test
    void coversAllStages() {
        assertThat(keys("", false))
                .doesNotHaveDuplicates()
                .contains(
                        "WorkerBenchmark.worker flows=1000000 method=masquerade newPercent=10"
                                + " order=uniform",
                        "WorkerBenchmark.worker flows=1000 method=mixed newPercent=0 order=zipf",
                        "ConnectionTableBenchmark.hitTouched entries=10000000",
                        "SchedulerBenchmark.select scheduler=mh servers=1000",
                        "NewConnectionBenchmark.expiring method=direct scheduler=rr")
                .doesNotContain(
                        "WorkerBenchmark.worker flows=1000 method=gue newPercent=10 order=zipf");
    }

    @Test
    void aHarnessComesBeforeWhatItIsTheHarnessOf() {
        assertThat(keys("worker flows=1000 method=gue", false))
                .containsExactly(
                        "WorkerBenchmark.portsAlone flows=1000 method=direct newPercent=0"
                                + " order=uniform",
                        "WorkerBenchmark.worker flows=1000 method=gue newPercent=0 order=uniform");
        List<Case> all = Suite.select(Pattern.compile(""), false);
        List<String> keys = all.stream().map(Case::key).toList();
        assertThat(all.stream().map(Suite::harness).filter(Objects::nonNull).map(Case::key))
                .isNotEmpty()
                .allMatch(keys::contains);
    }

    @Test
    void aQuickRunIsSmaller() {
        assertThat(keys("", true)).hasSizeLessThan(keys("", false).size() / 2);
        assertThat(keys("no such benchmark", false)).isEmpty();
    }
}
