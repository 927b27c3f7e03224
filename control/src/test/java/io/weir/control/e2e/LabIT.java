package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.Lab;
import io.weir.control.lab.Namespaces;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** weir lab on this machine, and what is left of it. */
@Isolated
final class LabIT {
    private static final Path NAMED = Path.of("/run/netns");

    @Test
    void passes() throws Exception {
        Site.assumeNamespaces();
        StringWriter shown = new StringWriter();
        boolean passed = Lab.live(new PrintWriter(shown, true));
        assertThat(passed).as(shown.toString()).isTrue();
        assertThat(shown.toString())
                .contains("60 of 60 requests answered")
                .contains("# ipvsadm -L -n --stats")
                .contains("weir lab: passed");
        assertThat(namespacesOf(ProcessHandle.current().pid())).isEmpty();
    }

    @Test
    void removesWhatAKilledLabLeft() throws Exception {
        Site.assumeNamespaces();
        // Above the largest number that Linux gives to a process.
        String left = Site.KIND + "-" + (1 << 23) + "-1-left";
        Namespaces.run(List.of("ip", "netns", "add", left), "");
        try (Namespaces _ = Namespaces.open(Site.KIND)) {
            assertThat(NAMED.resolve(left)).doesNotExist();
        }
    }

    @Test
    void removesEverythingWhenItIsEnded() throws Exception {
        Site.assumeNamespaces();
        Process lab =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "io.weir.control.Main",
                                "lab")
                        .start();
        try (BufferedReader shown = lab.inputReader()) {
            String line = shown.readLine();
            while (line != null && !line.contains("# ipvsadm -a")) {
                line = shown.readLine();
            }
            assertThat(line).as("it is in the middle of a round").isNotNull();
            assertThat(namespacesOf(lab.pid())).hasSize(6);
            lab.destroy();
            assertThat(lab.waitFor(15, TimeUnit.SECONDS)).isTrue();
            assertThat(namespacesOf(lab.pid())).isEmpty();
        } finally {
            lab.destroyForcibly();
        }
    }

    private static List<Path> namespacesOf(long process) throws IOException {
        String pid = "-" + process + "-";
        try (Stream<Path> names = Files.list(NAMED)) {
            return names.filter(name -> name.getFileName().toString().contains(pid)).toList();
        }
    }
}
