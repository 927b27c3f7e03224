package io.weir.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

class SuiteResultsTest {
    @TempDir private Path directory;

    private static Samples samples(double... nanosAndSteps) {
        Samples samples = new Samples("A.b", new TreeMap<>(Map.of("size", "7")));
        for (int i = 0; i < nanosAndSteps.length; i += 2) {
            samples.add(new Sample(nanosAndSteps[i], nanosAndSteps[i + 1], 3.5, 0));
        }
        return samples;
    }

    private static SuiteResults results(String commit, double... nanos) {
        Machine machine = new Machine("x", 2, "Linux", "25", List.of("-Xmx1g"), commit, 3.5);
        List<Measurement> measurements =
                IntStream.range(0, nanos.length)
                        .mapToObj(
                                i ->
                                        new Measurement(
                                                "A.b",
                                                Map.of("i", String.valueOf(i)),
                                                5,
                                                0,
                                                nanos[i],
                                                nanos[i],
                                                nanos[i],
                                                nanos[i],
                                                1,
                                                nanos[i] * 3.5,
                                                0))
                        .toList();
        return new SuiteResults("2026-01-01T00:00:00Z", machine, Settings.USUAL, measurements);
    }

    @Test
    void disturbedSamplesDoNotCount() {
        Samples samples = samples(10, 1.0, 12, 1.05, 30, 1.3, 14, 1.0);
        assertThat(samples.quiet(1.1)).isEqualTo(3);
        Measurement measurement = samples.measurement(1.1, 2);
        assertThat(measurement.samples()).isEqualTo(3);
        assertThat(measurement.disturbed()).isEqualTo(1);
        assertThat(measurement.median()).isEqualTo(12);
        assertThat(measurement.net()).isEqualTo(10);
        assertThat(measurement.cycles()).isEqualTo(42);
        assertThat(measurement.least()).isEqualTo(10);
        assertThat(measurement.key()).isEqualTo("A.b size=7");
        Measurement none = samples.measurement(0.5, 0);
        assertThat(none.onlyDisturbed()).isTrue();
        assertThat(none.median()).isEqualTo(13);
    }

    @Test
    void quantilesLieBetweenNeighbours() {
        double[] sorted = {1, 2, 4};
        assertThat(Samples.quantile(sorted, 0.5)).isEqualTo(2);
        assertThat(Samples.quantile(sorted, 0.75)).isCloseTo(3, within(1e-9));
        assertThat(Samples.quantile(new double[] {5}, 0.9)).isEqualTo(5);
    }

    @Test
    void aFileGivesBackWhatWasWritten() throws IOException {
        Path file = directory.resolve("a/results.json");
        SuiteResults written = results("abc", 10, 20);
        written.write(file);
        assertThat(SuiteResults.read(file)).isEqualTo(written);
        Path other = Files.writeString(directory.resolve("other.json"), "{\"taken\": [");
        assertThatThrownBy(() -> SuiteResults.read(other))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("other.json has no results");
    }

    @Test
    void resultsAreAddedByTheirKey() {
        SuiteResults more = results("abc", 11).addedTo(results("abc", 10, 20));
        assertThat(more.measurements()).extracting(Measurement::median).containsExactly(11.0, 20.0);
    }

    @Test
    void whatIsNotThereOrWasDisturbedLacks() {
        SuiteResults results = results("abc", 10, 20);
        List<Case> cases =
                IntStream.range(0, 4)
                        .mapToObj(
                                i ->
                                        new Case(
                                                A.class,
                                                "b",
                                                new TreeMap<>(Map.of("i", String.valueOf(i)))))
                        .toList();
        Samples disturbed = new Samples("A.b", cases.get(2).parameters());
        disturbed.add(new Sample(10, 2, 3.5, 0));
        SuiteResults all =
                new SuiteResults(
                                results.taken(),
                                results.machine(),
                                results.settings(),
                                List.of(disturbed.measurement(1, 0)))
                        .addedTo(results);
        assertThat(all.measurements()).hasSize(3);
        assertThat(all.lacking(cases)).containsExactly(cases.get(2), cases.get(3));
        assertThat(all.median(cases.get(1))).isEqualTo(20);
        assertThat(all.median(cases.get(3))).isZero();
    }

    /** Stands for a class of benchmarks. */
    private static final class A {}

    @Test
    void comparisonTellsWhatIsSlower() {
        Comparison same = Comparison.of(results("a", 10, 20), results("b", 11, 19), 0.15);
        assertThat(same.worse()).isZero();
        assertThat(same.lines()).containsExactly("2 compared with a, 0 slower by more than 15 %");
        Comparison changed = Comparison.of(results("a", 10, 20), results("b", 12, 10, 5), 0.15);
        assertThat(changed.worse()).isEqualTo(1);
        assertThat(changed.lines())
                .containsExactly(
                        "slower  A.b i=0: 42 cycles, before 35 (1.20 times)",
                        "faster  A.b i=1: 35 cycles, before 70 (0.50 times)",
                        "new     A.b i=2",
                        "2 compared with a, 1 slower by more than 15 %");
    }

    @Test
    void theTableSaysWhatWasDisturbed() {
        SuiteResults clean = results("abc", 10);
        assertThat(ResultTable.of(clean))
                .contains("commit abc", "A.b i=0", "10.00", " 9.00", " 32 ")
                .doesNotContain("~");
        Measurement disturbed = samples(10, 2).measurement(1, 0);
        SuiteResults dirty =
                new SuiteResults(
                        clean.taken(), clean.machine(), clean.settings(), List.of(disturbed));
        assertThat(ResultTable.of(dirty)).contains("~ A.b size=7", "never undisturbed");
    }
}
