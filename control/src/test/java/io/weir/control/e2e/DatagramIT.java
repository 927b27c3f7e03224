package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** UDP by NAT and by direct routing, in one frame and in many. */
final class DatagramIT {
    private static final int REQUESTS = 60;
    private static final int PORT = 5300;
    private static final int WAIT_MILLIS = 20_000;

    @ParameterizedTest(name = "virtual address {1} on {0}")
    @CsvSource({
        "lo," + LabNetwork.VIRTUAL,
        "front," + LabNetwork.VIRTUAL,
        "lo," + LabNetwork.VIRTUAL_6,
        "front," + LabNetwork.VIRTUAL_6
    })
    void distributesDatagramsByWeight(String virtualDevice, String virtual) throws Exception {
        try (Site site = new Site(virtualDevice, 2)) {
            site.startDaemon(rules(virtual, "-m"));
            site.network().serveByNat();
            try (DatagramServer _ = server(site, 0, Site.server(virtual, 0));
                    DatagramServer _ = server(site, 1, Site.server(virtual, 1))) {
                assertDistribution(site, virtual, 20_000);
            }
            site.network().serveDirectly();
            site.daemon().ipvsadm(List.of("-C"), "");
            site.rules(rules(virtual, "-g"));
            try (DatagramServer _ = server(site, 0, virtual);
                    DatagramServer _ = server(site, 1, virtual)) {
                // Connections outlive their service, as in IPVS, so these are others.
                assertDistribution(site, virtual, 30_000);
            }
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
        }
    }

    @ParameterizedTest(name = "by {0}")
    @ValueSource(strings = {"-m", "-g"})
    void balancesDatagramsInFragments(String method) throws Exception {
        try (Site site = new Site("front", 2)) {
            boolean nat = method.equals("-m");
            if (nat) {
                site.network().serveByNat();
            } else {
                site.network().serveDirectly();
            }
            site.startDaemon(rules(LabNetwork.VIRTUAL, method));
            try (DatagramServer _ = server(site, 0, address(nat, 0));
                    DatagramServer _ = server(site, 1, address(nat, 1))) {
                // Sixty thousand bytes are 41 frames, more than wait for a neighbour.
                for (int i = 0; i < 8; i++) {
                    assertAnswered(site, 40_000 + i, "hello");
                }
                for (int bytes : new int[] {1473, 8_000, 60_000, 65_507 - "server-1 ".length()}) {
                    assertAnswered(site, 41_000 + bytes / 100, text(bytes));
                }
            }
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
        }
    }

    @Test
    void leavesItsOwnDatagramsToTheHost() throws Exception {
        try (Site site = new Site("front", 1)) {
            site.startDaemon(rules(LabNetwork.VIRTUAL, "-m")[0]);
            String name = "host";
            try (DatagramServer _ =
                    DatagramServer.start(site.director(), name, LabNetwork.VIRTUAL, PORT + 1)) {
                InetSocketAddress own = new InetSocketAddress(LabNetwork.VIRTUAL, PORT + 1);
                String text = text(20_000);
                String answer =
                        site.client()
                                .call(() -> DatagramServer.ask(43_000, own, text, WAIT_MILLIS));
                assertThat(answer).isEqualTo(name + " " + text);
            }
        }
    }

    private static String address(boolean nat, int server) {
        return nat ? LabNetwork.serverAddress(server) : LabNetwork.VIRTUAL;
    }

    /** Text in which no part is like another, so that none may be in another's place. */
    private static String text(int bytes) {
        StringBuilder text = new StringBuilder();
        while (text.length() < bytes) {
            text.append(text.length()).append(' ');
        }
        return text.substring(0, bytes);
    }

    private static void assertAnswered(Site site, int fromPort, String text) throws IOException {
        InetSocketAddress service = new InetSocketAddress(LabNetwork.VIRTUAL, PORT);
        String answer =
                site.client().call(() -> DatagramServer.ask(fromPort, service, text, WAIT_MILLIS));
        assertThat(answer.substring(answer.indexOf(' ') + 1)).isEqualTo(text);
    }

    private static DatagramServer server(Site site, int index, String address) throws IOException {
        String name = LabNetwork.serverName(index);
        return DatagramServer.start(site.network().server(index), name, address, PORT);
    }

    private static String[] rules(String virtual, String method) {
        String service = "-u " + Site.bracketed(virtual) + ":" + PORT;
        String[] server = {
            Site.bracketed(Site.server(virtual, 0)), Site.bracketed(Site.server(virtual, 1))
        };
        return new String[] {
            "-A " + service + " -s wrr",
            "-a " + service + " -r " + server[0] + ":" + PORT + " -w 1 " + method,
            "-a " + service + " -r " + server[1] + ":" + PORT + " -w 3 " + method,
        };
    }

    private static void assertDistribution(Site site, String virtual, int firstPort)
            throws IOException {
        InetSocketAddress service = new InetSocketAddress(virtual, PORT);
        int headers = virtual.contains(":") ? 48 : 28;
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < REQUESTS; i++) {
            // From one byte to what just fits a frame of 1500 bytes.
            String text =
                    "x"
                            .repeat(
                                    1
                                            + i
                                                    * (1500 - headers - "server-1 ".length() - 1)
                                                    / (REQUESTS - 1));
            // A port that chance picks twice would be the same connection.
            int fromPort = firstPort + i;
            String answer =
                    site.client()
                            .call(() -> DatagramServer.ask(fromPort, service, text, WAIT_MILLIS));
            assertThat(answer).endsWith(" " + text);
            answers.merge(answer.substring(0, answer.indexOf(' ')), 1, Integer::sum);
        }
        assertThat(answers).isEqualTo(Map.of("server-1", 15, "server-2", 45));
    }
}
