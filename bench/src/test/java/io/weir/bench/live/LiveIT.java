package io.weir.bench.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The whole command: namespaces, weir and the kernel in turn, results, and nothing left behind. */
final class LiveIT {
    private static final Path NAMED_NAMESPACES = Path.of("/run/netns");

    @TempDir private Path directory;

    @Test
    void measuresWeirBesideTheKernel() throws Exception {
        measure(
                Family.IPV4,
                List.of("requests", "latency-one"),
                List.of("forward", "weir-nat", "weir-dr"));
        assertThat(directory.resolve("live-requests-rate.png")).isNotEmptyFile();
    }

    @Test
    void measuresThemOverIpv6() throws Exception {
        measure(Family.IPV6, List.of("latency-one"), List.of("weir-nat"));
        assertThat(directory.resolve("live-latency-one-ipv6-p50.png")).isNotEmptyFile();
    }

    private void measure(Family family, List<String> measures, List<String> contenders)
            throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        Tool.lacks("wrk", "wrk")
                .or(() -> Tool.lacks("nginx", "nginx-light"))
                .ifPresent(lack -> abort(lack));
        try (Site trial = new Site(Layout.DEFAULT, Family.IPV4)) {
            assumeTrue(Files.exists(trial.directory()));
        } catch (IOException e) {
            abort("needs network namespaces: " + e.getMessage());
        }
        List<String> arguments = new ArrayList<>(List.of("--trial", "--output=" + directory));
        arguments.add("--measures=" + String.join(",", measures));
        arguments.add("--contenders=" + String.join(",", contenders));
        if (family == Family.IPV6) {
            arguments.add("--ipv6");
        }
        int exit = new CommandLine(new Live()).execute(arguments.toArray(String[]::new));
        assertThat(exit).isZero();
        for (String measure : measures) {
            MeasureResults results = new ResultFiles(directory).read(measure, family);
            assertThat(results.family()).isEqualTo(family);
            check(results, contenders);
        }
        assertThat(new ResultFiles(directory).read(measures.getFirst(), family).procedure())
                .contains(
                        measures.size() == 1
                                ? "each on a network"
                                : "2 measures in turn on one network");
        String ours = "weir-live-" + ProcessHandle.current().pid() + "-";
        try (Stream<Path> left = Files.list(NAMED_NAMESPACES)) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith(ours));
        }
    }

    private static void check(MeasureResults results, List<String> contenders) {
        assertThat(results.skipped()).isEmpty();
        for (String contender : contenders) {
            for (Metric metric : results.metrics()) {
                assertThat(results.samples(contender, metric)).as(contender).hasSize(1);
            }
            assertThat(results.spread(contender, results.metrics().getFirst()).median())
                    .as(results.measure() + " over " + contender)
                    .isPositive();
        }
    }
}
