package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** UDP by NAT and by direct routing. */
final class DatagramIT {
    private static final int REQUESTS = 60;
    private static final int PORT = 5300;
    private static final InetSocketAddress SERVICE =
            new InetSocketAddress(LabNetwork.VIRTUAL, PORT);
    private static final int WAIT_MILLIS = 5000;

    @ParameterizedTest(name = "virtual address on {0}")
    @ValueSource(strings = {"lo", "front"})
    void distributesDatagramsByWeight(String virtualDevice) throws Exception {
        try (Site site = new Site(virtualDevice, 2)) {
            site.startDaemon(rules("-m"));
            site.network().serveByNat();
            try (DatagramServer _ = server(site, 0, LabNetwork.serverAddress(0));
                    DatagramServer _ = server(site, 1, LabNetwork.serverAddress(1))) {
                assertDistribution(site, 20_000);
            }
            site.network().serveDirectly();
            site.daemon().ipvsadm(List.of("-C"), "");
            site.rules(rules("-g"));
            try (DatagramServer _ = server(site, 0, LabNetwork.VIRTUAL);
                    DatagramServer _ = server(site, 1, LabNetwork.VIRTUAL)) {
                // Connections outlive their service, as in IPVS, so these are others.
                assertDistribution(site, 30_000);
            }
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
        }
    }

    private static DatagramServer server(Site site, int index, String address) throws IOException {
        String name = LabNetwork.serverName(index);
        return DatagramServer.start(site.network().server(index), name, address, PORT);
    }

    private static String[] rules(String method) {
        String service = "-u " + LabNetwork.VIRTUAL + ":" + PORT;
        return new String[] {
            "-A " + service + " -s wrr",
            "-a " + service + " -r 10.2.0.11:" + PORT + " -w 1 " + method,
            "-a " + service + " -r 10.2.0.12:" + PORT + " -w 3 " + method,
        };
    }

    private static void assertDistribution(Site site, int firstPort) throws IOException {
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < REQUESTS; i++) {
            // From one byte to what just fits a frame of 1500 bytes.
            String text =
                    "x".repeat(1 + i * (1500 - 28 - "server-1 ".length() - 1) / (REQUESTS - 1));
            // A port that chance picks twice would be the same connection.
            int fromPort = firstPort + i;
            String answer =
                    site.client()
                            .call(() -> DatagramServer.ask(fromPort, SERVICE, text, WAIT_MILLIS));
            assertThat(answer).endsWith(" " + text);
            answers.merge(answer.substring(0, answer.indexOf(' ')), 1, Integer::sum);
        }
        assertThat(answers).isEqualTo(Map.of("server-1", 15, "server-2", 45));
    }
}
