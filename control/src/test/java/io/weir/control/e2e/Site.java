package io.weir.control.e2e;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabException;
import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Client, director and real servers in network namespaces, a daemon, and what runs beside them. */
final class Site implements AutoCloseable {
    /** The beginning of the names of all namespaces of these tests. */
    static final String KIND = "weir-e2e";

    private final LabNetwork network;
    private final List<Closeable> running = new ArrayList<>();
    private @Nullable DaemonProcess daemon;

    /**
     * Builds a network; skips the test where that is impossible.
     *
     * @param virtualDevice the director's interface that has the virtual address: lo or front
     */
    Site(String virtualDevice, int servers) throws LabException {
        this(virtualDevice, servers, 1);
    }

    /**
     * Builds a network whose interfaces have some queues in either direction; skips the test where
     * that is impossible.
     */
    Site(String virtualDevice, int servers, int queues) throws LabException {
        assumeNamespaces();
        network = new LabNetwork(KIND, virtualDevice, servers, queues);
    }

    /** Skips the test unless it may make namespaces. */
    static void assumeNamespaces() {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        try (Namespaces trial = Namespaces.open(KIND)) {
            trial.add("trial");
        } catch (LabException e) {
            abort("needs network namespaces: " + e.getMessage());
        }
        ProgramCache.make();
    }

    /** Skips the test if a tool is missing; returns its path. */
    static Path assumeTool(String name, String debianPackage) {
        for (String directory : List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin")) {
            Path tool = Path.of(directory, name);
            if (Files.isExecutable(tool)) {
                return tool;
            }
        }
        return abort("needs " + name + ", of the Debian package " + debianPackage);
    }

    /** An address as it is written before a port. */
    static String bracketed(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }

    /** The address of a real server, counted from 0, of a virtual address' family. */
    static String server(String virtual, int index) {
        return virtual.contains(":")
                ? LabNetwork.serverAddress6(index)
                : LabNetwork.serverAddress(index);
    }

    LabNetwork network() {
        return network;
    }

    NetworkNamespace client() {
        return network.client();
    }

    NetworkNamespace director() {
        return network.balancer();
    }

    /** Starts weir run on the director, with arguments. */
    DaemonProcess startDaemonWith(List<String> arguments) throws LabException {
        DaemonProcess started = DaemonProcess.start(director(), withIo(arguments));
        daemon = started;
        return started;
    }

    // -Dweir.io=afxdp has all tests run another way.
    private static List<String> withIo(List<String> arguments) {
        String io = System.getProperty("weir.io");
        if (io == null || arguments.contains("--io")) {
            return arguments;
        }
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--io", io));
        return all;
    }

    /** Starts weir run on the director, with rules as ipvsadm-save prints them. */
    DaemonProcess startDaemon(String... rules) throws LabException {
        DaemonProcess started = startDaemonWith(List.of());
        if (rules.length > 0) {
            rules(rules);
        }
        return started;
    }

    /** Gives the daemon more rules. */
    void rules(String... rules) throws LabException {
        daemon().ipvsadm(List.of("-R"), String.join("\n", rules) + "\n");
    }

    DaemonProcess daemon() {
        return Objects.requireNonNull(daemon, "no daemon was started");
    }

    /** Closes something together with the site, before its namespaces go. */
    <T extends Closeable> T with(T resource) {
        running.add(resource);
        return resource;
    }

    /** Starts a program in a namespace, which is ended with the site. */
    Process start(NetworkNamespace namespace, List<String> command, Path output)
            throws IOException {
        Process process =
                new ProcessBuilder(Namespaces.inside(namespace, command))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        with(process::destroy);
        return process;
    }

    @Override
    public void close() throws IOException {
        DaemonProcess started = daemon;
        try (network) {
            if (started != null) {
                started.close();
            }
            for (Closeable resource : running.reversed()) {
                resource.close();
            }
        }
    }
}
