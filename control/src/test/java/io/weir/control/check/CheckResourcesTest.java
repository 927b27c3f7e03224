package io.weir.control.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What checks take of the machine is given back, whatever becomes of them. */
class CheckResourcesTest {
    private static final IpAddress LOOPBACK = IpAddress.v4(0x7f000001);
    private static final Probe SILENT =
            new Probe.SendExpect(false, "x", new Expectation.Anything());

    @Test
    void nothingIsLeftOfChecksThatAreLateRefusedGoodOrCutShort() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5000, InetAddress.getLoopbackAddress())) {
            int port = server.getLocalPort();
            // The first monitor loads what stays open for good.
            HealthLog first = new HealthLog();
            try (HealthMonitor monitor = NettyHealthMonitor.open(first)) {
                monitor.watch(List.of(server(1, check(new Probe.TcpConnect(), port))));
                first.await("1 UP");
            }
            int before = openFiles();
            HealthLog log = new HealthLog();
            try (HealthMonitor monitor = NettyHealthMonitor.open(log)) {
                for (int round = 0; round < 20; round++) {
                    monitor.watch(servers(port, round));
                    Thread.sleep(50);
                }
                log.await("1 DOWN: tcp expect 127.0.0.1:" + port + ": no answer within 30 ms");
                log.await("2 DOWN: tcp 127.0.0.1:1: ");
                log.await("3 UP");
                log.await("4 DOWN: program sleep 127.0.0.1:" + port);
                assertThat(openFiles()).isLessThan(before + 200);
            }
            awaitOpenFiles(before);
        }
    }

    private static List<MonitoredServer> servers(int port, int round) {
        List<MonitoredServer> servers = new ArrayList<>();
        Probe sleep = new Probe.Program(List.of("sleep", "1000"), null, false);
        servers.add(server(1, check(SILENT, port)));
        servers.add(server(2, check(new Probe.TcpConnect(), 1)));
        servers.add(server(3, check(new Probe.TcpConnect(), port)));
        servers.add(server(4, check(sleep, port)));
        // Gone with the next round, in the middle of their checks.
        for (int i = 0; i < 50; i++) {
            servers.add(server(1000 + 100 * round + i, check(SILENT, port)));
        }
        return servers;
    }

    private static void awaitOpenFiles(int most) throws Exception {
        for (int i = 0; i < 500 && openFiles() > most; i++) {
            Thread.sleep(10);
        }
        assertThat(openFiles()).isLessThanOrEqualTo(most);
    }

    private static int openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return (int) files.count();
        }
    }

    private static MonitoredServer server(int number, CheckConfig check) {
        return new MonitoredServer(
                new ServerKey(
                        ServiceId.of(ServiceId.TCP, LOOPBACK, 80), new ServerId(LOOPBACK, number)),
                ForwardingMethod.ROUTE,
                List.of(check),
                null);
    }

    private static CheckConfig check(Probe probe, int port) {
        Duration interval = Duration.ofMillis(5);
        CheckTiming timing =
                new CheckTiming(interval, Duration.ofMillis(30), interval, 1, 1, true, 0);
        if (probe instanceof Probe.TcpConnect) {
            timing = new CheckTiming(interval, Duration.ofSeconds(5), interval, 1, 1, true, 0);
        }
        return new CheckConfig(probe, LOOPBACK, port, CheckConfig.Path.DIRECT, timing);
    }
}
