package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.dataplane.sys.Linux;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Whatever comes in: the worker goes on, reads and writes inside of frames, and sends each packet
 * on or counts why not. In a process of its own, which an access behind a frame's end kills.
 */
class WorkerFuzzTest {
    private static final int PACKETS = 60_000;
    private static final int TIMEOUT_SECONDS = 300;

    @TempDir Path directory;

    private record Ended(int code, String output) {}

    @BeforeEach
    void onLinux() {
        assumeTrue(Linux.unsupportedReason() == null, "needs mprotect of Linux");
    }

    @Test
    void survivesAnything() throws Exception {
        Ended ended = run(Seed.ofThisRun().value(), PACKETS);
        System.out.println(ended.output);
        assertThat(ended.code).as(Seed.ofThisRun() + "\n" + ended.output).isZero();
    }

    @Test
    void wouldNoticeAnAccessBehindAFrame() throws Exception {
        Ended ended = run(1, 0);
        assertThat(ended.code).isNotZero();
        assertThat(ended.output).contains("SIGSEGV").doesNotContain("still alive");
    }

    private Ended run(long seed, int packets) throws IOException, InterruptedException {
        String classes = System.getProperty("surefire.test.class.path");
        String java = ProcessHandle.current().info().command().orElse("java");
        Process process =
                new ProcessBuilder(
                                List.of(
                                        java,
                                        "-Xmx256m",
                                        "-XX:+UseSerialGC",
                                        "-XX:-CreateCoredumpOnCrash",
                                        "-XX:ErrorFile=" + directory.resolve("crash.log"),
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-cp",
                                        classes == null
                                                ? System.getProperty("java.class.path")
                                                : classes,
                                        WorkerFuzz.class.getName(),
                                        Long.toString(seed),
                                        Integer.toString(packets)))
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("output").toFile())
                        .start();
        try {
            boolean ended = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            String output = Files.readString(directory.resolve("output"), StandardCharsets.UTF_8);
            assertThat(ended).as("it ends in time; so far: " + output).isTrue();
            return new Ended(process.exitValue(), output);
        } finally {
            process.destroyForcibly();
        }
    }
}
