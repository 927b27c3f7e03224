package io.weir.control.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.testing.NamespaceLab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The manual's network: a client and two routers in front, the routers alone behind. */
final class PairNetwork implements AutoCloseable {
    private final NamespaceLab lab = new NamespaceLab();
    private final List<RouterProcess> processes = new ArrayList<>();
    private final NetworkNamespace segments;
    final NetworkNamespace client;
    final NetworkNamespace primary;
    final NetworkNamespace backup;

    PairNetwork() {
        segments = lab.namespace("segments");
        client = lab.namespace("client");
        primary = lab.namespace("primary");
        backup = lab.namespace("backup");
        for (String bridge : List.of("front", "behind")) {
            ip(segments, "link add " + bridge + " type bridge");
            ip(segments, "link set " + bridge + " up");
        }
        attach("front", client, "eth0", "192.168.26.1", "2001:db8:26::1");
        attach("front", primary, "eth0", PairRouter.PRIMARY, "2001:db8:26::9");
        attach("front", backup, "eth0", PairRouter.BACKUP, "2001:db8:26::8");
        attach("behind", primary, "eth1", PairRouter.PRIMARY_PRIVATE, "fd12::9");
        attach("behind", backup, "eth1", PairRouter.BACKUP_PRIVATE, "fd12::8");
    }

    private void attach(
            String bridge, NetworkNamespace end, String device, String address, String address6) {
        String port = bridge.charAt(0) + address.substring(address.lastIndexOf('.') + 1);
        lab.join(segments, port, end, device);
        ip(segments, "link set " + port + " master " + bridge);
        ip(end, "addr add " + address + "/24 dev " + device);
        ip(end, "addr add " + address6 + "/64 dev " + device + " nodad");
    }

    /** Takes the backup from both segments, or puts it back; its links stay up. */
    void partition(boolean on) {
        ip(segments, "link set f8 " + (on ? "nomaster" : "master front"));
        ip(segments, "link set b8 " + (on ? "nomaster" : "master behind"));
    }

    static String ip(NetworkNamespace namespace, String command) {
        List<String> line = new ArrayList<>(List.of("ip", "-n", namespace.toString()));
        line.addAll(List.of(command.split(" ")));
        return NamespaceLab.run(line.toArray(String[]::new));
    }

    static boolean hasAddresses(NetworkNamespace router) {
        String shown = ip(router, "addr show");
        boolean has = shown.contains(PairRouter.VIP + "/");
        return has
                && shown.contains(PairRouter.VIP6 + "/")
                && shown.contains(PairRouter.NAT_ROUTER + "/");
    }

    static boolean hasNone(NetworkNamespace router) {
        String shown = ip(router, "addr show");
        return !shown.contains(PairRouter.VIP + "/")
                && !shown.contains(PairRouter.VIP6 + "/")
                && !shown.contains(PairRouter.NAT_ROUTER + "/");
    }

    /** Waits at most thirty seconds; returns the milliseconds it took. */
    static long await(String what, Callable<Boolean> condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.call() && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(30)) {
            Thread.sleep(5);
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertThat(condition.call()).as(what).isTrue();
        return millis;
    }

    /** A router in a process of its own, and what it has printed. */
    static final class RouterProcess {
        final Process process;
        final List<String> lines = new CopyOnWriteArrayList<>();

        private RouterProcess(Process process) {
            this.process = process;
            Thread.ofPlatform().daemon().name("router-output").start(this::read);
        }

        private void read() {
            try (BufferedReader output =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8))) {
                output.lines().forEach(lines::add);
            } catch (IOException e) {
                lines.add("no more: " + e.getMessage());
            }
        }

        /** The number of times that it became active. */
        long activations() {
            return lines.stream().filter(line -> line.startsWith("ACTIVE")).count();
        }

        String role() {
            return lines.stream()
                    .filter(line -> line.matches("(ACTIVE|STANDBY|FAULT) .*"))
                    .reduce("", (first, second) -> second);
        }

        void signal(String name) {
            NamespaceLab.run("kill", "-" + name, Long.toString(process.pid()));
        }
    }

    RouterProcess start(NetworkNamespace router, int keepaliveMillis, int deadMillis, Path key)
            throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(
                        "ip",
                        "netns",
                        "exec",
                        router.toString(),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PairRouter.class.getName(),
                        Integer.toString(keepaliveMillis),
                        Integer.toString(deadMillis),
                        key.toString());
        RouterProcess started = new RouterProcess(builder.redirectErrorStream(true).start());
        processes.add(started);
        await("router is ready", () -> started.lines.contains("ready"));
        return started;
    }

    @Override
    public void close() {
        for (RouterProcess router : processes) {
            router.process.destroyForcibly();
        }
        lab.close();
    }
}
