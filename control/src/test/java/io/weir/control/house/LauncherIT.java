package io.weir.control.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.control.e2e.ProgramCache;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The launcher {@code weir} on the program just packaged. */
final class LauncherIT {
    private static final Path LAUNCHER = RepositoryRoot.find().resolve("weir");
    private static final String JAVA_HOME = "JAVA_HOME=" + System.getProperty("java.home");

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

    // The tests' own: to make another takes ten seconds.
    @Test
    void makesACacheThatTheJvmTakes() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "recording needs root");
        assumeTrue(System.getProperty("weir.program") != null, "needs the built program");
        assertThat(ProgramCache.make()).startsWith("weir: ").contains(" are made").hasLineCount(1);
        Result result =
                run(LAUNCHER, List.of(JAVA_HOME, "WEIR_JAVA_OPTS=-XX:AOTMode=on"), "--help");
        assertThat(result.output()).as("the JVM takes it").startsWith("Usage: weir");
    }

    @Test
    void doesWithoutACacheThatIsSpoilt() throws Exception {
        Path home = Files.createDirectory(directory.resolve("home"));
        Path launcher = Files.copy(LAUNCHER, home.resolve("weir"));
        Path program = Files.createDirectories(home.resolve("control/target/weir"));
        Path lib = LAUNCHER.resolveSibling("control/target/weir/lib").toRealPath();
        Path copies = Files.createDirectory(program.resolve("lib"));
        // With their old times, as only a cache that is newer is looked at.
        try (Stream<Path> jars = Files.list(lib)) {
            for (Path jar : jars.toList()) {
                Files.copy(
                        jar, copies.resolve(jar.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        for (String kind : List.of("run-", "command-")) {
            Path cache = program.resolve(kind + System.getProperty("java.version") + ".aot");
            Files.writeString(cache, "spoilt");
        }
        List<String> strictly = List.of(JAVA_HOME, "WEIR_JAVA_OPTS=-XX:AOTMode=on");
        assertThat(run(launcher, strictly, "--help").exitCode()).as("it is looked at").isNotZero();
        Result without = run(launcher, List.of(JAVA_HOME), "--help");
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
