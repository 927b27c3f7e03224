package io.weir.control.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.Main;
import io.weir.control.client.IpvsadmClient;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The daemon and its clients as processes in a network namespace, between a client and a server.
 */
class DaemonIT {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin/java").toString();
    private static final String VIP = "10.1.0.100";
    private static final long SECONDS = 60;

    @TempDir private Path directory;
    private NamespaceLab lab;
    private NetworkNamespace client;
    private NetworkNamespace balancer;
    private NetworkNamespace server;
    private Path errors;
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void buildLab() {
        lab = new NamespaceLab();
        client = lab.namespace("client");
        balancer = lab.namespace("lb");
        server = lab.namespace("server");
        lab.join(client, "c0", balancer, "cli");
        lab.join(balancer, "srv", server, "s0");
        lab.in(client, "ip", "addr", "add", "10.1.0.11/24", "dev", "c0");
        lab.in(balancer, "ip", "addr", "add", "10.1.0.1/24", "dev", "cli");
        lab.in(balancer, "ip", "addr", "add", VIP + "/32", "dev", "cli");
        lab.in(balancer, "ip", "addr", "add", "10.2.0.1/24", "dev", "srv");
        lab.in(server, "ip", "addr", "add", "10.2.0.11/24", "dev", "s0");
        lab.in(server, "ip", "route", "add", "default", "via", "10.2.0.1");
    }

    @AfterEach
    void clean() {
        processes.forEach(Process::destroyForcibly);
        if (lab != null) {
            lab.close();
        }
    }

    private record Result(int exitCode, String output, String errors) {}

    private Process start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", balancer.toString()));
        command.addAll(List.of(JAVA, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
        command.addAll(List.of(System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        errors = Files.createTempFile(directory, "errors", ".txt");
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        processes.add(process);
        return process;
    }

    private Result run(Class<?> main, String... arguments) throws Exception {
        Process process = start(main, arguments);
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        return new Result(
                process.exitValue(),
                new String(output, StandardCharsets.UTF_8),
                Files.readString(errors));
    }

    private Result ipvsadm(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("ipvsadm"));
        all.addAll(List.of(arguments));
        return run(IpvsadmClient.class, all.toArray(String[]::new));
    }

    private Process startDaemon(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("run"));
        all.addAll(List.of(arguments));
        Process daemon = start(Main.class, all.toArray(String[]::new));
        BufferedReader output = daemon.inputReader();
        assertThat(output.readLine())
                .as("the daemon's line; its errors are: " + Files.readString(errors))
                .matches(
                        "weir \\S.*: \\d services? on (cli|srv).* \\(af_packet\\), control socket"
                                + " /.*");
        return daemon;
    }

    private String ask() throws Exception {
        return client.call(
                () -> {
                    try (Socket socket = new Socket()) {
                        socket.setSoTimeout(10_000);
                        socket.connect(new InetSocketAddress(VIP, 80), 10_000);
                        return new String(
                                socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    }
                });
    }

    private ServerSocket serve() throws Exception {
        ServerSocket socket = server.call(() -> new ServerSocket(8080));
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            while (!socket.isClosed()) {
                                try (Socket accepted = socket.accept()) {
                                    accepted.getOutputStream()
                                            .write("the server".getBytes(StandardCharsets.UTF_8));
                                } catch (IOException e) {
                                    // The test is over, or will fail for want of an answer.
                                }
                            }
                        });
        return socket;
    }

    @Test
    void rulesAreChangedAndTrafficFlowsUntilTheDaemonIsEnded() throws Exception {
        Process daemon = startDaemon();
        assertThat(ipvsadm("-A", "-t", VIP + ":80", "-s", "rr")).isEqualTo(new Result(0, "", ""));
        assertThat(ipvsadm("-a", "-t", VIP + ":80", "-r", "10.2.0.11:8080", "-m"))
                .isEqualTo(new Result(0, "", ""));
        try (ServerSocket _ = serve()) {
            for (int i = 0; i < 10; i++) {
                assertThat(ask()).isEqualTo("the server");
            }
        }
        Result listing = ipvsadm("-Ln");
        assertThat(listing.exitCode()).isZero();
        assertThat(listing.output())
                .contains("TCP  10.1.0.100:80 rr\n")
                .contains("  -> 10.2.0.11:8080 ")
                .contains(" Masq ");
        assertThat(ipvsadm("-D", "-t", "10.1.0.101:80"))
                .isEqualTo(new Result(255, "", "No such service\n"));

        Result second = run(Main.class, "run");
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.errors())
                .startsWith("weir: a weir daemon runs in this network namespace already");

        daemon.destroy();
        assertThat(daemon.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.exitValue()).isZero();
        assertThat(ipvsadm("-Ln").exitCode()).isEqualTo(2);
    }

    @Test
    void aKilledDaemonDoesNotHinderTheNext() throws Exception {
        Path rules = directory.resolve("rules");
        Files.writeString(rules, "# ours\n-A -t 10.1.0.100:80 -s wlc\n");
        Process daemon = startDaemon("--rules", rules.toString());
        daemon.destroyForcibly();
        assertThat(daemon.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(ipvsadm("-Ln").errors())
                .startsWith("Can't initialize ipvs: no weir daemon runs in this network namespace");
        startDaemon("--rules", rules.toString());
        assertThat(ipvsadm("-Ln").output()).contains("TCP  10.1.0.100:80 wlc\n");
    }

    @Test
    void anInterfaceMayGoAndReturn() throws Exception {
        startDaemon();
        assertThat(ipvsadm("-A", "-t", VIP + ":80", "-s", "rr").exitCode()).isZero();
        assertThat(ipvsadm("-a", "-t", VIP + ":80", "-r", "10.2.0.11:8080", "-m").exitCode())
                .isZero();
        lab.in(balancer, "ip", "link", "del", "srv");
        assertStatus("srv (af_packet) is gone\n");
        lab.join(balancer, "srv", server, "s0");
        lab.in(balancer, "ip", "addr", "add", "10.2.0.1/24", "dev", "srv");
        lab.in(server, "ip", "addr", "add", "10.2.0.11/24", "dev", "s0");
        lab.in(server, "ip", "route", "add", "default", "via", "10.2.0.1");
        assertStatus("srv (af_packet): veth ");
        try (ServerSocket _ = serve()) {
            assertThat(ask()).isEqualTo("the server");
        }
    }

    private void assertStatus(String line) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        String status = run(Main.class, "status").output();
        while (!status.contains(line)) {
            assertThat(System.nanoTime()).as("%s in%n%s", line, status).isLessThan(end);
            status = run(Main.class, "status").output();
        }
    }

    @Test
    void whatCannotBeDoneIsSaidOnOneLineAndNothingIsLeft() throws Exception {
        Path rules = directory.resolve("rules");
        Files.writeString(rules, "-A -t 10.1.0.100:80 -s wlc\n-A -t 10.1.0.100:x\n");
        assertRefused("weir: " + rules + ":2: ", "--rules", rules.toString());
        assertRefused("weir: rules file /no/file cannot be read: ", "--rules", "/no/file");
        assertRefused("weir: there is no interface eth9 ", "--interface", "eth9");
        assertRefused("weir: interface lo is not an Ethernet", "--interface", "lo");
        assertRefused("weir: control socket /no/s: there is no directory", "--socket", "/no/s");
        assertThat(ipvsadm("-Ln").exitCode()).isEqualTo(2);
    }

    private void assertRefused(String start, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("run"));
        all.addAll(List.of(arguments));
        Result result = run(Main.class, all.toArray(String[]::new));
        assertThat(result.errors()).startsWith(start).hasLineCount(1);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.output()).isEmpty();
    }
}
