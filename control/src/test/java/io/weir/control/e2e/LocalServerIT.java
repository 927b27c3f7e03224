package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** A real server that is the balancer itself serves beside others, under the virtual address. */
final class LocalServerIT {
    private static final int REQUESTS = 20;
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    @ParameterizedTest(name = "{0} with {1} {2}")
    @CsvSource({
        "10.1.0.100, 127.0.0.1, -g, 10.2.0.11",
        "10.1.0.100, 10.2.0.1, -m, 10.2.0.11",
        "10.1.0.100, 10.2.0.1, -i, 10.2.0.11",
        "fd01::100, ::1, -g, fd02::11"
    })
    void servesItsShare(String virtual, String local, String method, String other)
            throws Exception {
        try (Site site = new Site("lo", 1)) {
            site.network().serveByNat();
            site.with(LineServer.start(site.director(), "the-balancer", 80));
            site.with(LineServer.start(site.network().server(0), "server-1", 80));
            String service = endpoint(virtual);
            site.startDaemon(
                    "-A -t " + service + " -s rr",
                    "-a -t " + service + " -r " + endpoint(local) + " -w 1 " + method,
                    "-a -t " + service + " -r " + endpoint(other) + " -w 1 -m");
            Map<String, Integer> answers = new TreeMap<>();
            for (int i = 0; i < REQUESTS; i++) {
                String answer = LineServer.ask(site.client(), virtual, 80);
                answers.merge(answer.substring(0, answer.indexOf(' ')), 1, Integer::sum);
            }
            assertThat(answers)
                    .isEqualTo(Map.of("the-balancer", REQUESTS / 2, "server-1", REQUESTS / 2));
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
        }
    }

    private static String endpoint(String address) {
        return (address.contains(":") ? "[" + address + "]" : address) + ":80";
    }

    @Test
    void cannotChangeThePort() throws Exception {
        try (Site site = new Site("lo", 0)) {
            site.with(LineServer.start(site.director(), "the-balancer", 8080));
            site.startDaemon(
                    "-A -t 10.1.0.100:80 -s rr",
                    "-a -t 10.1.0.100:80 -r " + LabNetwork.BALANCER_BACK + ":8080 -m");
            long end = System.nanoTime() + PATIENCE_NANOS;
            String counters = "";
            while (!counters.contains("local-port")) {
                assertThat(System.nanoTime()).as(counters).isLessThan(end);
                assertThatThrownBy(() -> LineServer.ask(site.client(), LabNetwork.VIRTUAL, 80, 500))
                        .isInstanceOf(IOException.class);
                counters = ControlClient.of(site.daemon()).ask("GET", "/v1/counters");
            }
        }
    }
}
