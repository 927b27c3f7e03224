package io.weir.bench.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.lab.LabException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

final class ResultFilesTest {
    private static final Metric RATE = new Metric("rate", "Gbit/s", false);

    @TempDir private Path directory;

    private static MeasureResults results() {
        return results("abc");
    }

    private static MeasureResults results(String commit) {
        return results(commit, Family.IPV4);
    }

    private static MeasureResults results(String commit, Family family) {
        MeasureResults results =
                new MeasureResults(
                        "bulk",
                        "a stream",
                        new Environment("then", "a CPU", 2, "6", "25", "0.1", commit, Map.of()),
                        Layout.DEFAULT,
                        family,
                        "in a way",
                        1.5,
                        List.of(RATE),
                        new LinkedHashMap<>(),
                        new LinkedHashMap<>());
        results.add(new KernelForwarding(), Map.of(RATE, 20.0));
        results.add(new KernelForwarding(), Map.of());
        results.skipped().put("haproxy", "not here");
        return results;
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        ResultFiles files = new ResultFiles(directory.resolve("made"));
        MeasureResults written = results();
        Path file = files.write(written);
        assertThat(file).hasFileName("live-bulk.json");
        assertThat(files.read("bulk", Family.IPV4)).isEqualTo(written);
        assertThat(files.read("bulk", Family.IPV4).samples("forward", RATE))
                .containsExactly(20.0, Double.NaN);
    }

    @Test
    void anotherRunReplacesIt() throws Exception {
        ResultFiles files = new ResultFiles(directory);
        files.write(results());
        MeasureResults second = results();
        second.values().clear();
        files.write(second);
        assertThat(files.read("bulk", Family.IPV4).values()).isEmpty();
        try (var all = Files.list(directory)) {
            assertThat(all).hasSize(1);
        }
    }

    @Test
    void resultsOverIpv6HaveAFileOfTheirOwn() throws Exception {
        ResultFiles files = new ResultFiles(directory);
        files.write(results());
        MeasureResults written = results("abc", Family.IPV6);
        assertThat(files.withAdded(written)).isEqualTo(written);
        assertThat(files.write(written)).hasFileName("live-bulk-ipv6.json");
        assertThat(files.read("bulk", Family.IPV6)).isEqualTo(written);
        assertThat(files.read("bulk", Family.IPV4)).isEqualTo(results());
    }

    @Test
    void laterRoundsComeAfterThoseThatAreThere() throws Exception {
        ResultFiles files = new ResultFiles(directory);
        assertThat(files.withAdded(results())).isEqualTo(results());
        files.write(results());
        MeasureResults later = results();
        later.add(new KernelNat(), Map.of(RATE, 7.0));
        MeasureResults all = files.withAdded(later);
        assertThat(all.samples("forward", RATE))
                .containsExactly(20.0, Double.NaN, 20.0, Double.NaN);
        assertThat(all.samples("dnat", RATE)).containsExactly(Double.NaN, Double.NaN, 7.0);
    }

    @Test
    void resultsThatAreOlderThanTheirFieldsAreRead() throws Exception {
        ResultFiles files = new ResultFiles(directory);
        Path file = files.write(results());
        String text = Files.readString(file);
        assertThat(text).contains("\"procedure\" : \"in a way\",");
        assertThat(text).contains("\"family\" : \"IPV4\",");
        Files.writeString(file, text.replaceAll(" *\"(procedure|family)\".*\n", ""));
        assertThat(files.read("bulk", Family.IPV4).procedure()).isEmpty();
        assertThat(files.read("bulk", Family.IPV4).family()).isEqualTo(Family.IPV4);
        assertThat(files.read("bulk", Family.IPV4).samples("forward", RATE))
                .containsExactly(20.0, Double.NaN);
    }

    @Test
    void roundsOfAnotherCommitAreRefused() throws Exception {
        ResultFiles files = new ResultFiles(directory);
        files.write(results("abc"));
        assertThatThrownBy(() -> files.withAdded(results("abd")))
                .isInstanceOf(LabException.class)
                .hasMessageContaining("another commit");
    }
}
