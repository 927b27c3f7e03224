package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Real scripts, good and evil. */
final class ProgramRunnerTest {
    private static final Duration SHORT = Duration.ofSeconds(3);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir Path directory;

    private final ProgramPool pool = new ProgramPool();
    private final ProgramRunner runner = new ProgramRunner(pool);
    private ProbeTrial trial = new ProbeTrial(ProbeTransport.best());

    @AfterEach
    void close() throws InterruptedException {
        trial.close();
        pool.close();
    }

    @Test
    void theExitCodeDecides() throws Exception {
        assertThat(run(LONG, "exit 0")).isEqualTo(ProbeResult.passed("exit code 0"));
        assertThat(run(LONG, "echo no disk; exit 3"))
                .isEqualTo(ProbeResult.failed("exit code 3, \"no disk\""));
        assertThat(run(LONG, "kill -9 $$").passed()).isFalse();
    }

    @Test
    void theExpectedOutputAloneIsNotEnough() throws Exception {
        Expectation up = new Expectation.Exactly("up");
        assertThat(run(up, "echo up").passed()).isTrue();
        assertThat(run(up, "printf up").passed()).as("without a newline").isTrue();
        assertThat(run(up, "echo up again"))
                .isEqualTo(ProbeResult.failed("answer is \"up again\", expected \"up\""));
        assertThat(run(up, "echo up; exit 1")).isEqualTo(ProbeResult.failed("exit code 1, \"up\""));
    }

    @Test
    void addressAndPortAreArgumentsOfTheirOwn() throws Exception {
        Path script = script("echo \"$1,$2,$3\"");
        Probe.Program program =
                new Probe.Program(
                        List.of(script.toString(), "%h", "%p", "%h:%p"),
                        new Expectation.Exactly("127.0.0.1,8080,%h:%p"),
                        false);
        ProbeResult result = trial.run(runner, ProbeTrial.check(program, 8080), LONG);
        assertThat(result.passed()).as(result.detail()).isTrue();
    }

    @Test
    void programsAreFoundOnThePath() throws Exception {
        Probe.Program program = new Probe.Program(List.of("true"), null, false);
        assertThat(trial.run(runner, ProbeTrial.check(program, 1), LONG).passed()).isTrue();
    }

    @Test
    void itsInputIsEmptyAndItsErrorsGoNowhere() throws Exception {
        assertThat(run(new Expectation.Exactly("[]"), "echo oops >&2; echo \"[$(cat)]\"").passed())
                .isTrue();
    }

    @Test
    void exitCodesCanBeWeights() throws Exception {
        Path script = script("exit $1");
        assertThat(weighted(script, 0)).isEqualTo(ProbeResult.passed("exit code 0"));
        assertThat(weighted(script, 1).passed()).isFalse();
        assertThat(weighted(script, 2)).isEqualTo(ProbeResult.passed("exit code 2", 0));
        assertThat(weighted(script, 255)).isEqualTo(ProbeResult.passed("exit code 255", 253));
    }

    private ProbeResult weighted(Path script, int code) throws Exception {
        Probe.Program program =
                new Probe.Program(List.of(script.toString(), Integer.toString(code)), null, true);
        return trial.run(runner, ProbeTrial.check(program, 1), LONG);
    }

    @Test
    void whatCannotBeRunFails() throws Exception {
        assertThat(run("weir-no-such-check"))
                .isEqualTo(
                        ProbeResult.failed("there is no program weir-no-such-check on the PATH"));
        String missing = directory.resolve("missing").toString();
        assertThat(run(missing)).isEqualTo(ProbeResult.failed("there is no program " + missing));
        Path plain = Files.writeString(directory.resolve("plain"), "#!/bin/sh\n");
        assertThat(run(plain.toString()))
                .isEqualTo(ProbeResult.failed(plain + " is not executable"));
        Path odd = executable(Files.writeString(directory.resolve("odd"), "#!/no/such/shell\n"));
        assertThat(run(odd.toString()))
                .isEqualTo(
                        ProbeResult.failed(
                                "its interpreter /no/such/shell is missing or not executable"));
    }

    private ProbeResult run(String command) throws Exception {
        Probe.Program program = new Probe.Program(List.of(command), null, true);
        return trial.run(runner, ProbeTrial.check(program, 1), LONG);
    }

    @Test
    void aFloodNeitherHangsNorFillsMemory() throws Exception {
        Expectation bounded = new Expectation.Matching("\\A[y\n]{4095}\\z");
        ProbeResult result = run(bounded, "yes | head -c 20000000");
        assertThat(result.passed()).as(result.detail()).isTrue();
        Path mark = directory.resolve("end");
        assertThat(run(new Expectation.Prefix("y\ny"), "yes | head -c 20000000; >" + mark).passed())
                .isTrue();
        assertThat(mark).exists();
    }

    @Test
    void aFloodWithoutEndIsKilled() throws Exception {
        Path pid = directory.resolve("pid");
        assertThat(run(SHORT, "echo $$ >" + pid + "; exec yes").detail())
                .isEqualTo(ProbeTrial.CANCELLED);
        awaitDeath(pid);
    }

    @Test
    void aHangIsKilledWithAllItStarted() throws Exception {
        Path child = directory.resolve("child");
        Path self = directory.resolve("self");
        ProbeResult result =
                run(
                        SHORT,
                        "echo $$ >"
                                + self
                                + "; trap '' TERM INT HUP; sleep 1000 & echo $! >"
                                + child
                                + "; wait");
        assertThat(result.detail()).isEqualTo(ProbeTrial.CANCELLED);
        awaitDeath(self);
        awaitDeath(child);
    }

    @Test
    void aChildInASessionOfItsOwnIsKilledToo() throws Exception {
        Path child = directory.resolve("child");
        run(SHORT, "setsid sh -c 'echo $$ >" + child + "; exec sleep 1000' & wait");
        awaitDeath(child);
    }

    @Test
    void aChildThatKeepsTheOutputOpenIsNotWaitedForNorLeftBehind() throws Exception {
        Path child = directory.resolve("child");
        long start = System.nanoTime();
        ProbeResult result =
                run(
                        new Expectation.Exactly("up"),
                        "sleep 1000 & echo $! >" + child + "; echo up; exit 0");
        assertThat(result.passed()).as(result.detail()).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG);
        awaitDeath(child);
    }

    @Test
    void aChildThatFloodsTheOutputAfterwardsIsKilled() throws Exception {
        Path child = directory.resolve("child");
        assertThat(run(LONG, "yes & echo $! >" + child + "; exit 0").passed()).isTrue();
        awaitDeath(child);
    }

    @Test
    void aFloodingDaemonIsNotListenedTo() throws Exception {
        Path child = directory.resolve("child");
        Path started = directory.resolve("started");
        String daemon = "setsid sh -c 'echo $$ >" + child + "; >" + started + "; exec yes' &";
        assertThat(run(LONG, daemon + " until [ -e " + started + " ]; do :; done; exit 0").passed())
                .isTrue();
        // It writes into a pipe without a reader.
        awaitDeath(child);
    }

    @Test
    void nothingIsLeftOfManyRuns() throws Exception {
        run(LONG, "exit 0");
        int before = openFiles();
        for (int i = 0; i < 30; i++) {
            run(LONG, "exit 0");
            run(Duration.ofMillis(20), "sleep 1000");
        }
        for (int i = 0; i < 500 && (openFiles() > before || hasChildren()); i++) {
            Thread.sleep(10);
        }
        assertThat(openFiles()).isLessThanOrEqualTo(before);
        assertThat(hasChildren()).as("children, zombies included").isFalse();
    }

    private static int openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return (int) files.count();
        }
    }

    private static boolean hasChildren() {
        return ProcessHandle.current().children().findAny().isPresent();
    }

    private static void awaitDeath(Path pidFile) throws Exception {
        long pid = Long.parseLong(Files.readString(pidFile).strip());
        for (int i = 0; i < 1000 && runs(pid); i++) {
            Thread.sleep(10);
        }
        assertThat(runs(pid)).as("process %d", pid).isFalse();
    }

    // A child whose parent was killed is a zombie until the machine's first process reaps it.
    private static boolean runs(long pid) throws IOException {
        try {
            String status = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return status.charAt(status.lastIndexOf(')') + 2) != 'Z';
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private ProbeResult run(@Nullable Expectation expectation, String body) throws Exception {
        Probe.Program program =
                new Probe.Program(List.of(script(body).toString()), expectation, false);
        return trial.run(runner, ProbeTrial.check(program, 1), LONG);
    }

    private ProbeResult run(Duration limit, String body) throws Exception {
        Probe.Program program = new Probe.Program(List.of(script(body).toString()), null, false);
        return trial.run(runner, ProbeTrial.check(program, 1), limit);
    }

    private Path script(String body) throws IOException {
        Path file = Files.createTempFile(directory, "check", ".sh");
        return executable(Files.writeString(file, "#!/bin/sh\n" + body + "\n"));
    }

    private static Path executable(Path file) throws IOException {
        return Files.setPosixFilePermissions(
                file,
                Set.of(
                        PosixFilePermission.OWNER_READ,
                        PosixFilePermission.OWNER_WRITE,
                        PosixFilePermission.OWNER_EXECUTE));
    }
}
