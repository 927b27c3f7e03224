package io.weir.dataplane.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Network namespaces with veth pairs between them, made with ip(8).
 *
 * <p>Names carry the process id, so several test runs on one machine do not meet.
 */
public final class NamespaceLab implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final long COMMAND_SECONDS = 20;

    private final String prefix =
            "weir-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + "-";
    private final List<String> names = new ArrayList<>();
    private final Thread hook = new Thread(this::deleteAll, "namespace-cleanup");

    public NamespaceLab() {
        assumeRoot();
        assumeTrue(
                Files.exists(Path.of("/usr/sbin/ip")) || Files.exists(Path.of("/sbin/ip")),
                "needs the ip command of iproute2");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Skips the test unless it may make namespaces and load BPF programs. */
    public static void assumeRoot() {
        assumeTrue("Linux".equals(System.getProperty("os.name")), "needs Linux");
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    }

    /** Makes a namespace whose loopback is up. */
    public NetworkNamespace namespace(String role) {
        String name = prefix + role;
        run("ip", "netns", "add", name);
        synchronized (names) {
            names.add(name);
        }
        run("ip", "-n", name, "link", "set", "lo", "up");
        return NetworkNamespace.named(name);
    }

    /** Joins two namespaces by a veth pair, both ends up and without the delays of IPv6 set-up. */
    public void join(NetworkNamespace one, String link, NetworkNamespace other, String otherLink) {
        run(
                "ip",
                "link",
                "add",
                link,
                "netns",
                one.toString(),
                "type",
                "veth",
                "peer",
                "name",
                otherLink,
                "netns",
                other.toString());
        for (String[] end :
                new String[][] {{one.toString(), link}, {other.toString(), otherLink}}) {
            in(
                    one.toString().equals(end[0]) ? one : other,
                    "sysctl",
                    "-qw",
                    "net.ipv6.conf." + end[1] + ".accept_dad=0");
            run("ip", "-n", end[0], "link", "set", end[1], "up");
        }
    }

    /** Runs a command inside a namespace and returns what it printed. */
    public String in(NetworkNamespace namespace, String... command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace.toString()));
        whole.addAll(List.of(command));
        return run(whole.toArray(String[]::new));
    }

    /** Runs a command and returns what it printed; fails the test if the command fails. */
    public static String run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("no end: " + String.join(" ", command));
            }
            if (process.exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new IllegalStateException(String.join(" ", command) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + String.join(" ", command), e);
        }
    }

    private void deleteAll() {
        synchronized (names) {
            for (String name : names) {
                try {
                    run("ip", "netns", "del", name);
                } catch (IllegalStateException e) {
                    System.err.println("left behind: " + e.getMessage());
                }
            }
            names.clear();
        }
    }

    @Override
    public void close() {
        deleteAll();
        Runtime.getRuntime().removeShutdownHook(hook);
    }
}
