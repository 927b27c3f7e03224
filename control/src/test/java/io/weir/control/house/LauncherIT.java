package io.weir.control.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The launcher {@code weir} on the program just packaged. */
final class LauncherIT {
    private static final Path LAUNCHER = RepositoryRoot.find().resolve("weir");

    @TempDir private Path directory;

    private record Result(int exitCode, String output) {}

    // JUnit warns about every link it finds when it removes the directory.
    @AfterEach
    void removeLinks() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path link : files.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    @Test
    void findsTheProgramThroughLinks() throws Exception {
        Path first = Files.createSymbolicLink(directory.resolve("first"), LAUNCHER);
        Path second = Files.createSymbolicLink(directory.resolve("weir"), first);
        Result result = run(second, List.of(), "--help");
        assertThat(result.output()).startsWith("Usage: weir");
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void passesOnExitCodes() throws Exception {
        Result result = run(LAUNCHER, List.of(), "no-such-command");
        assertThat(result.output()).startsWith("weir: ").hasLineCount(1);
        assertThat(result.exitCode()).isEqualTo(2);
    }

    @Test
    void isTheThinClientUnderTheNameOfIpvsadm() throws Exception {
        for (String name : List.of("ipvsadm", "ipvsadm-save")) {
            Path link = Files.createSymbolicLink(directory.resolve(name), LAUNCHER);
            Result result = run(link, List.of("WEIR_SOCKET=" + directory.resolve("none")), "-n");
            assertThat(result.output()).contains("no weir daemon").hasLineCount(1);
            assertThat(result.exitCode()).isEqualTo(2);
        }
    }

    @Test
    void ignoresAnOlderJdkInJavaHome() throws Exception {
        Path old = Files.createDirectories(directory.resolve("jdk17"));
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
        Path java = Files.createDirectories(old.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nexit 99\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Result result = run(LAUNCHER, List.of("JAVA_HOME=" + old), "--print-java");
        assertThat(result.output()).endsWith("/bin/java\n").doesNotContain("jdk17");
    }

    @Test
    void makesACacheAndDoesWithoutOneThatIsSpoilt() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "recording needs root");
        Path home = Files.createDirectory(directory.resolve("home"));
        Path launcher = Files.copy(LAUNCHER, home.resolve("weir"));
        Path program = Files.createDirectories(home.resolve("control/target/weir"));
        Path lib = LAUNCHER.resolveSibling("control/target/weir/lib").toRealPath();
        Path copies = Files.createDirectory(program.resolve("lib"));
        try (Stream<Path> jars = Files.list(lib)) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, copies.resolve(jar.getFileName()));
            }
        }
        Result made = run(launcher, List.of(), "--make-cache");
        assertThat(made.output()).contains(" are made").hasLineCount(1);
        assertThat(made.exitCode()).isZero();
        assertThat(run(launcher, List.of("WEIR_JAVA_OPTS=-XX:AOTMode=on"), "--help").output())
                .as("the JVM takes it")
                .startsWith("Usage: weir");
        try (Stream<Path> caches = Files.list(program)) {
            for (Path cache : caches.filter(Files::isRegularFile).toList()) {
                Files.writeString(cache, "spoilt");
            }
        }
        Result without = run(launcher, List.of(), "--help");
        assertThat(without.output()).startsWith("Usage: weir");
        assertThat(without.exitCode()).isZero();
    }

    @Test
    void aSmallerHeapNeedsOneOptionOnly() throws Exception {
        Result result = run(LAUNCHER, List.of("WEIR_JAVA_OPTS=-Xmx96m"), "run", "--help");
        assertThat(result.output()).startsWith("Usage: weir run");
        assertThat(result.exitCode()).isZero();
    }

    /** Output is what came on standard output and error, as it came. */
    private Result run(Path launcher, List<String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("env"));
        command.addAll(environment);
        command.add(launcher.toString());
        command.addAll(List.of(arguments));
        Path output = directory.resolve("output");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends in time").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }
}
