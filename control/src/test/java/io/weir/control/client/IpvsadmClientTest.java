package io.weir.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.control.api.ApiServer;
import io.weir.control.api.FakeBalancer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The client as its users start it: a JVM of its own, with weir's classes and nothing else. */
class IpvsadmClientTest {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin/java").toString();

    @TempDir private Path directory;
    private ApiServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new FakeBalancer(0).serve(directory.resolve("s"));
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private record Result(int exitCode, String output, String errors) {}

    private Result run(String input, String... arguments) throws IOException, InterruptedException {
        return run(List.of(), directory.resolve("s").toString(), input, arguments);
    }

    private Result run(List<String> prefix, String socket, String input, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(JAVA, "-cp", classes(), IpvsadmClient.class.getName()));
        command.addAll(List.of(arguments));
        Path output = directory.resolve("out");
        Path errors = directory.resolve("err");
        Path in = Files.writeString(directory.resolve("in"), input);
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectInput(in.toFile())
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile());
        builder.environment().remove("XDG_RUNTIME_DIR");
        builder.environment().remove(ControlSocket.ENVIRONMENT);
        if (socket != null) {
            builder.environment().put(ControlSocket.ENVIRONMENT, socket);
        }
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended in time").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Result(process.exitValue(), Files.readString(output), Files.readString(errors));
    }

    // Only the client's own package can be loaded, so a dependency on anything else shows here.
    private String classes() throws IOException {
        Path copy = directory.resolve("classes/io/weir/control/client");
        if (!Files.exists(copy)) {
            Files.createDirectories(copy);
            Path built = Path.of(IpvsadmClient.class.getResource("IpvsadmClient.class").getPath());
            try (var files = Files.list(built.getParent())) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(file.getFileName().toString()));
                }
            }
        }
        return directory.resolve("classes").toString();
    }

    @Test
    void argumentsReachTheDaemonAsTheyAre() throws Exception {
        Result result = run("not read", "ipvsadm", "-A", "a b", "é&=?%", "");
        assertThat(result).isEqualTo(new Result(0, "ipvsadm [-A, a b, é&=?%, ]\n", ""));
    }

    @Test
    void restoringSendsStandardInput() throws Exception {
        String rules = "-A -t 10.0.0.1:80\n".repeat(10_000);
        assertThat(run(rules, "ipvsadm", "-R"))
                .isEqualTo(new Result(0, "ipvsadm [-R]\n" + rules, ""));
        assertThat(run(rules, "ipvsadm", "--restore"))
                .isEqualTo(new Result(0, "ipvsadm [--restore]\n" + rules, ""));
        assertThat(run(rules, "ipvsadm-restore"))
                .isEqualTo(new Result(0, "ipvsadm-restore []\n" + rules, ""));
    }

    @Test
    void theExitCodeAndTheErrorsArePassedOn() throws Exception {
        assertThat(run("", "ipvsadm", "--fail", "255"))
                .isEqualTo(new Result(255, "ipvsadm [--fail, 255]\n", "No such service\n"));
    }

    @Test
    void aLongListingIsPassedOnWhole() throws Exception {
        Result result = run("", "ipvsadm", "--lines", "100000");
        assertThat(result.exitCode()).isZero();
        assertThat(result.output().lines()).hasSize(100_000);
        assertThat(result.output()).endsWith("line 99999\n");
    }

    @Test
    void aRefusalIsOneLine() throws Exception {
        Result result = run("", "ipvsadm", "x".repeat(20_000));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors().lines()).hasSize(1);
    }

    @Test
    void withoutADaemonOneLineSaysSo() throws Exception {
        String nobody = directory.resolve("nobody").toString();
        assertThat(run(List.of(), nobody, "", "ipvsadm", "-Ln"))
                .isEqualTo(
                        new Result(
                                2,
                                "",
                                "Can't initialize ipvs: no weir daemon listens on "
                                        + nobody
                                        + "\n"));
    }

    @Test
    void anotherNetworkNamespaceHasNoDaemon() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "making a namespace needs root");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/unshare")), "unshare is missing");
        Result result = run(List.of("/usr/bin/unshare", "--net"), null, "", "ipvsadm", "-Ln");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors())
                .matches(
                        "Can't initialize ipvs: no weir daemon runs in this network namespace"
                                + " \\(net:\\[\\d+\\]\\), start one with 'weir run'\n");
    }

    @Test
    void aSocketWithoutItsDaemonIsNoDaemon() throws Exception {
        Path left = directory.resolve("left");
        try (var channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(left));
        }
        assertThat(run(List.of(), left.toString(), "", "ipvsadm").errors())
                .isEqualTo("Can't initialize ipvs: no weir daemon listens on " + left + "\n");
    }

    @Test
    void anotherUserIsTurnedAway() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "changing the user needs root");
        Path setpriv = Path.of("/usr/bin/setpriv");
        assumeTrue(Files.isExecutable(setpriv), "setpriv is missing");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Result result =
                run(
                        List.of(
                                setpriv.toString(),
                                "--reuid=65534",
                                "--regid=65534",
                                "--clear-groups"),
                        directory.resolve("s").toString(),
                        "",
                        "ipvsadm");
        assertThat(result)
                .isEqualTo(
                        new Result(
                                2,
                                "",
                                "Can't initialize ipvs: Permission denied (you must be root)\n"));
    }

    @Test
    void aClosedPipeEndsTheListingQuietly() throws Exception {
        String script = "\"$@\" | head -n 1; echo ${PIPESTATUS[0]}";
        Result result =
                run(
                        List.of("/bin/bash", "-c", script, "-"),
                        directory.resolve("s").toString(),
                        "",
                        "ipvsadm",
                        "--lines",
                        "1000000");
        assertThat(result).isEqualTo(new Result(0, "line 0\n141\n", ""));
    }
}
