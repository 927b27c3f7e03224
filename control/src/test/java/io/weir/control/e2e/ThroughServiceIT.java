package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.check.Health;
import io.weir.control.check.HealthListener;
import io.weir.control.check.HealthMonitor;
import io.weir.control.check.MonitoredServer;
import io.weir.control.check.NettyHealthMonitor;
import io.weir.control.check.ServerHealth;
import io.weir.control.check.ServerKey;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Probe;
import io.weir.control.lab.LabNetwork;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A server of direct routing that has lost the virtual address is found dead by a check through the
 * service, though its own address still answers; and is found alive again.
 */
final class ThroughServiceIT {
    private static final int PORT = 80;
    private static final long PATIENCE_MILLIS = 20_000;
    private static final CheckTiming OFTEN =
            new CheckTiming(
                    Duration.ofMillis(200),
                    Duration.ofMillis(1500),
                    Duration.ofMillis(200),
                    1,
                    1,
                    true,
                    0);

    @TempDir private Path directory;

    @ParameterizedTest(name = "{0}, address on {1}")
    @CsvSource({
        LabNetwork.VIRTUAL + ",lo",
        LabNetwork.VIRTUAL + ",front",
        LabNetwork.VIRTUAL + ",none",
        LabNetwork.VIRTUAL_6 + ",lo"
    })
    void aServerWithoutTheAddressIsFoundDead(String virtual, String device) throws Exception {
        boolean standby = device.equals("none");
        try (Site site = new Site(standby ? "lo" : device, 2)) {
            site.network().serveDirectly();
            if (standby) {
                site.network()
                        .namespaces()
                        .configure(site.director(), "addr del " + virtual + "/32 dev lo");
            }
            for (int i = 0; i < 2; i++) {
                String name = LabNetwork.serverName(i);
                site.with(Nginx.start(site.network().server(i), name, directory.resolve(name)));
            }
            String service = "-t " + Site.bracketed(virtual) + ":80";
            site.startDaemon(
                    "-A " + service + " -s rr",
                    "-a " + service + " -r " + Site.bracketed(Site.server(virtual, 0)) + ":80 -g",
                    "-a " + service + " -r " + Site.bracketed(Site.server(virtual, 1)) + ":80 -g");

            // Its threads are those of the director.
            HealthMonitor monitor =
                    site.director()
                            .call(
                                    () -> {
                                        HealthMonitor opened = NettyHealthMonitor.open(new Deaf());
                                        opened.watch(
                                                List.of(server(virtual, 0), server(virtual, 1)));
                                        return opened;
                                    });
            try (monitor) {
                await(monitor, Health.UP, Health.UP);
                if (device.equals("front")) {
                    // Says nothing about the servers, and is mended by the next check.
                    site.network().namespaces().configure(site.director(), "link del weir0");
                }
                String address =
                        virtual.contains(":")
                                ? virtual + "/128 dev lo nodad"
                                : virtual + "/32 dev lo";
                configure(site, "addr del " + address.replace(" nodad", ""));
                await(monitor, Health.DOWN, Health.UP);
                configure(site, "addr add " + address);
                await(monitor, Health.UP, Health.UP);
            }
        }
    }

    @Test
    void aConfiguredRouterTakesItOutOfTheService() throws Exception {
        Path file = directory.resolve("lvs.cf");
        Files.writeString(
                file,
                """
                network = direct
                virtual web {
                    active = 1
                    address = %s front:1
                    port = 80
                    scheduler = rr
                    check http {
                        via = service
                        interval = 0.2
                        timeout = 1.5
                    }
                    server first {
                        address = %s
                        active = 1
                    }
                    server second {
                        address = %s
                        active = 1
                    }
                }
                """
                        .formatted(
                                LabNetwork.VIRTUAL,
                                LabNetwork.serverAddress(0),
                                LabNetwork.serverAddress(1)));
        try (Site site = new Site("lo", 2)) {
            site.network().serveDirectly();
            for (int i = 0; i < 2; i++) {
                String name = LabNetwork.serverName(i);
                site.with(Nginx.start(site.network().server(i), name, directory.resolve(name)));
            }
            site.startDaemonWith(List.of("--config", file.toString()));
            awaitServers(site, true, true);
            configure(site, "addr del " + LabNetwork.VIRTUAL + "/32 dev lo");
            awaitServers(site, false, true);
            configure(site, "addr add " + LabNetwork.VIRTUAL + "/32 dev lo");
            awaitServers(site, true, true);
        }
    }

    private static void awaitServers(Site site, boolean first, boolean second) throws Exception {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (true) {
            String listing = site.daemon().ipvsadm(List.of("-L", "-n"), "");
            if (listing.contains(" -> " + LabNetwork.serverAddress(0) + ":80 ") == first
                    && listing.contains(" -> " + LabNetwork.serverAddress(1) + ":80 ") == second) {
                return;
            }
            assertThat(System.nanoTime()).as(listing).isLessThan(end);
            Thread.sleep(50);
        }
    }

    private static void configure(Site site, String command) throws Exception {
        site.network().namespaces().configure(site.network().server(0), command);
    }

    private static MonitoredServer server(String virtual, int index) {
        IpAddress address = address(Site.server(virtual, index));
        List<CheckConfig> checks = new ArrayList<>();
        for (Probe probe : List.of(new Probe.TcpConnect(), page(index))) {
            checks.add(
                    new CheckConfig(probe, address, PORT, CheckConfig.Path.THROUGH_SERVICE, OFTEN));
        }
        // Its own address answers all the time.
        checks.add(
                new CheckConfig(
                        new Probe.TcpConnect(), address, PORT, CheckConfig.Path.DIRECT, OFTEN));
        ServiceId service = ServiceId.of(ServiceId.TCP, address(virtual), PORT);
        ServerKey key = new ServerKey(service, new ServerId(address, PORT));
        return new MonitoredServer(key, ForwardingMethod.ROUTE, checks, null);
    }

    /** The page that only this server has. */
    private static Probe page(int index) {
        Probe.Expectation name = new Probe.Expectation.Exactly(LabNetwork.serverName(index) + "\n");
        return new Probe.Http(false, "/", null, false, false, 200, 200, null, name);
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private static void await(HealthMonitor monitor, Health... wanted) throws Exception {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (true) {
            List<ServerHealth> seen = monitor.snapshot();
            // And each one's own address answers.
            if (seen.stream().map(ServerHealth::health).toList().equals(List.of(wanted))
                    && seen.stream().allMatch(s -> s.checks().getLast().health() == Health.UP)) {
                return;
            }
            assertThat(System.nanoTime()).as(seen.toString()).isLessThan(end);
            Thread.sleep(50);
        }
    }

    /** The snapshot says it all. */
    private static final class Deaf implements HealthListener {
        @Override
        public void healthChanged(ServerKey server, Health health, String detail) {}

        @Override
        public void loadMeasured(ServerKey server, double load) {}

        @Override
        public void weightDemanded(ServerKey server, int weight) {}
    }
}
