package io.weir.control.vrrp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.control.config.VrrpInstanceConfig;
import io.weir.control.failover.Role;
import io.weir.control.lab.LabException;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Debian's keepalived is the other router, in every way in which both can speak. Its version 2.2.7
 * has no v3_checksum_as_v2 yet, so in version 3 over IPv4 the checksum has its pseudo header.
 */
final class KeepalivedIT {
    private static final Path KEEPALIVED = Path.of("/usr/sbin/keepalived");

    /** keepalived is the first host of the network, weir the second. */
    private static final String THEIRS = "10.9.0.1";

    private static final String OURS = "10.9.0.2";

    /**
     * A virtual router that both are a part of.
     *
     * @param address the virtual address to look for
     * @param options what keepalived is told beyond the usual
     */
    private record Way(Instances ours, String name, String address, String options) {
        VrrpInstanceConfig with(int priority) {
            return ours.priority(priority).build();
        }
    }

    @TempDir private Path home;

    @BeforeAll
    static void needsKeepalived() {
        assumeTrue(Files.isExecutable(KEEPALIVED), "needs keepalived, of the package keepalived");
    }

    private static List<Way> ways(String fe80Ours, String fe80Theirs) {
        String unicast = "unicast_src_ip " + THEIRS + "\n unicast_peer {\n " + OURS + "\n }";
        String unicast6 =
                "unicast_src_ip " + fe80Theirs + "\n unicast_peer {\n " + fe80Ours + "\n }";
        Instances two = Instances.of("two", 21, "10.9.0.121", "10.9.0.131");
        Instances pass = Instances.of("pass", 22, "10.9.0.122").password("s3cret");
        Instances two1 = Instances.of("two1", 23, "10.9.0.123").peers(THEIRS);
        Instances three = Instances.of("three", 32, "10.9.0.132").pseudoHeader();
        Instances three1 = Instances.of("three1", 33, "10.9.0.133").pseudoHeader().peers(THEIRS);
        Instances six = Instances.of("six", 61, "fe80::61", "fd09::61");
        Instances six1 = Instances.of("six1", 62, "fe80::62", "fd09::62").peers(fe80Theirs);
        return List.of(
                new Way(two.version(2).millis(1000), "two", "10.9.0.121", ""),
                new Way(
                        pass.version(2).millis(1000),
                        "pass",
                        "10.9.0.122",
                        "authentication {\n auth_type PASS\n auth_pass s3cret\n }"),
                new Way(two1.version(2).millis(1000), "two1", "10.9.0.123", unicast),
                new Way(three.millis(700), "three", "10.9.0.132", ""),
                new Way(three1.millis(700), "three1", "10.9.0.133", unicast),
                new Way(six.millis(700), "six", "fd09::61", ""),
                new Way(six1.millis(700), "six1", "fd09::62", unicast6));
    }

    private static String theirs(Way way, int priority) {
        VrrpInstanceConfig config = way.with(priority);
        StringBuilder text = new StringBuilder("vrrp_instance " + way.name + " {\n");
        text.append(" state BACKUP\n interface eth0\n virtual_router_id ")
                .append(config.routerId())
                .append("\n version " + config.version() + "\n priority " + priority)
                .append("\n advert_int ")
                .append(config.version() == 2 ? "1" : config.interval().toMillis() / 1000.0)
                .append("\n ")
                .append(way.options)
                .append("\n virtual_ipaddress {\n");
        config.addresses()
                .forEach(
                        address ->
                                text.append("  " + address.address())
                                        .append("/" + address.prefixLength() + "\n"));
        return text.append(" }\n}\n").toString();
    }

    /** keepalived in a namespace and in the foreground, its files beside its configuration. */
    private Process start(NetworkNamespace namespace, List<Way> ways, int priority)
            throws IOException {
        StringBuilder text = new StringBuilder("global_defs {\n}\n");
        ways.forEach(way -> text.append(theirs(way, priority)));
        Path file = Files.writeString(home.resolve("keepalived.conf"), text);
        List<String> command = new ArrayList<>();
        command.addAll(List.of(KEEPALIVED.toString(), "-n", "-l", "-D", "--vrrp"));
        command.addAll(List.of("-f", file.toString(), "-p", home.resolve("pid").toString()));
        command.addAll(List.of("-r", home.resolve("vrrp.pid").toString()));
        command.addAll(List.of("-c", home.resolve("checkers.pid").toString()));
        return new ProcessBuilder(Namespaces.inside(namespace, command))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile()))
                .start();
    }

    private static void end(Process keepalived) throws InterruptedException {
        keepalived.destroy();
        if (!keepalived.waitFor(5, TimeUnit.SECONDS)) {
            keepalived.destroyForcibly();
        }
    }

    private static boolean hasAll(NetworkNamespace namespace, List<Way> ways) {
        return ways.stream().allMatch(way -> TestRouter.has(namespace, way.address));
    }

    private static boolean hasAny(NetworkNamespace namespace, List<Way> ways) {
        return ways.stream().anyMatch(way -> TestRouter.has(namespace, way.address));
    }

    private static void awaitAll(TestRouter router, List<Way> ways, Role role)
            throws InterruptedException {
        for (Way way : ways) {
            router.awaitRole(way.name, role);
        }
    }

    private static List<VrrpInstanceConfig> ours(List<Way> ways, int priority) {
        return ways.stream().map(way -> way.with(priority)).toList();
    }

    @Test
    void isTheOtherRouter() throws Exception {
        try (RouterLan lan = new RouterLan()) {
            NetworkNamespace there = lan.add("keepalived");
            NetworkNamespace here = lan.add("weir");
            List<Way> ways = ways(linkLocal(here), linkLocal(there));
            Process keepalived = start(there, ways, 150);
            try (TestRouter router = new TestRouter(here)) {
                TestRouter.await("keepalived is master", () -> hasAll(there, ways));
                router.configure(ours(ways, 100));
                for (Way way : ways) {
                    TestRouter.await(
                            way.name + " heard",
                            () -> !router.status(way.name).partner().isEmpty());
                    assertThat(router.role(way.name)).isEqualTo(Role.STANDBY);
                    assertThat(router.status(way.name).detail()).doesNotContain("refused");
                }

                // It leaves, with priority 0.
                end(keepalived);
                awaitAll(router, ways, Role.ACTIVE);
                assertThat(hasAll(here, ways)).isTrue();

                // It comes back with a lower priority, and stays in the background.
                keepalived = start(there, ways, 50);
                Thread.sleep(4_500);
                assertThat(hasAny(there, ways))
                        .as("keepalived says %s", Files.readString(home.resolve("log")))
                        .isFalse();
                awaitAll(router, ways, Role.ACTIVE);

                // Ours is told to leave, with priority 0; then to come back with a higher priority.
                router.configure(List.of());
                TestRouter.await("keepalived is master again", () -> hasAll(there, ways));
                router.configure(ours(ways, 200));
                awaitAll(router, ways, Role.ACTIVE);
                TestRouter.await("keepalived gave way", () -> !hasAny(there, ways));
                assertThat(hasAll(here, ways)).isTrue();
            } finally {
                end(keepalived);
            }
        }
    }

    @Test
    void diesAndIsReplacedWithinItsIntervals() throws Exception {
        try (RouterLan lan = new RouterLan()) {
            NetworkNamespace there = lan.add("keepalived");
            List<Way> fast =
                    List.of(
                            new Way(
                                    Instances.of("fast", 70, "10.9.0.170").millis(300),
                                    "fast",
                                    "10.9.0.170",
                                    ""));
            Process keepalived = start(there, fast, 150);
            try (TestRouter router = new TestRouter(lan.add("weir"))) {
                TestRouter.await("keepalived is master", () -> hasAll(there, fast));
                router.configure(ours(fast, 100));
                TestRouter.await("heard", () -> !router.status("fast").partner().isEmpty());
                // Both its processes, or the parent would start another child.
                List<ProcessHandle> children = keepalived.descendants().toList();
                long killed = System.nanoTime();
                children.forEach(ProcessHandle::destroyForcibly);
                keepalived.destroyForcibly();
                router.awaitRole("fast", Role.ACTIVE);
                long millis = TimeUnit.NANOSECONDS.toMillis(router.changedAt("fast") - killed);
                System.out.println("VRRP took over from keepalived after " + millis + " ms");
                // 3 intervals and a skew after the last packet; the machine is busy.
                assertThat(millis).isBetween(590L, 10_000L);
            } finally {
                keepalived.destroyForcibly();
            }
        }
    }

    // The kernel makes it a moment after both ends of the cable are up.
    private static String linkLocal(NetworkNamespace namespace) throws Exception {
        TestRouter.await("link-local address", () -> addresses(namespace).contains("inet6 fe80"));
        return addresses(namespace).replaceAll("(?s).*inet6 (fe80\\S+)/64.*", "$1");
    }

    private static String addresses(NetworkNamespace namespace) {
        try {
            return Namespaces.run(List.of("ip", "-n", namespace.toString(), "-o", "addr"), "");
        } catch (LabException e) {
            throw new AssertionError(e);
        }
    }
}
