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
import java.util.List;
import java.util.stream.Stream;

/** The whole command: namespaces, weir and the kernel in turn, results, and nothing left behind. */
final class LiveIT {
    private static final Path NAMED_NAMESPACES = Path.of("/run/netns");

    @TempDir private Path directory;

    @Test
    void measuresWeirBesideTheKernel() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        Tool.lacks("wrk", "wrk")
                .or(() -> Tool.lacks("nginx", "nginx-light"))
                .ifPresent(lack -> abort(lack));
        try (Site trial = new Site(Layout.DEFAULT)) {
            assumeTrue(Files.exists(trial.directory()));
        } catch (IOException e) {
            abort("needs network namespaces: " + e.getMessage());
        }
        int exit =
                new CommandLine(new Live())
                        .execute(
                                "--trial",
                                "--measures=requests,latency-one",
                                "--contenders=forward,weir-nat,weir-dr",
                                "--output=" + directory);
        assertThat(exit).isZero();
        for (String measure : List.of("requests", "latency-one")) {
            check(new ResultFiles(directory).read(measure));
        }
        assertThat(directory.resolve("live-requests-rate.png")).isNotEmptyFile();
        String ours = "weir-live-" + ProcessHandle.current().pid() + "-";
        try (Stream<Path> left = Files.list(NAMED_NAMESPACES)) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith(ours));
        }
    }

    private static void check(MeasureResults results) {
        assertThat(results.skipped()).isEmpty();
        assertThat(results.procedure()).contains("2 measures in turn on one network");
        for (String contender : List.of("forward", "weir-nat", "weir-dr")) {
            for (Metric metric : results.metrics()) {
                assertThat(results.samples(contender, metric)).as(contender).hasSize(1);
            }
            assertThat(results.spread(contender, results.metrics().getFirst()).median())
                    .as(results.measure() + " over " + contender)
                    .isPositive();
        }
    }
}
