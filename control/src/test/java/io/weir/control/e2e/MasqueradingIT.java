package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real server opens connections of its own, through a director with a kernel of its own. */
final class MasqueradingIT {
    private static final int PORT = 2525;
    private static final String SERVER = LabNetwork.serverAddress(0);

    @TempDir private Path directory;

    @Test
    void serversOwnConnectionsComeFromTheAddressOfTheRule() throws Exception {
        try (Site site = new Site("lo", 1)) {
            site.with(LineServer.start(site.client(), "client", PORT));
            site.with(LineServer.start(site.director(), "director", PORT));
            site.with(LineServer.start(site.network().server(0), "server-1", 80));
            site.network().serveByNat();
            Path rules = directory.resolve("masquerade");
            Files.writeString(rules, "tcp 10.2.0.0/24 behind " + LabNetwork.VIRTUAL + "\n");
            site.startDaemonWith(List.of("--masquerade", rules.toString()));
            site.rules("-A -t 10.1.0.100:80 -s rr", "-a -t 10.1.0.100:80 -r 10.2.0.11:80 -m");
            for (int i = 0; i < 5; i++) {
                assertThat(fromServer(site)).isEqualTo(seenFrom(LabNetwork.VIRTUAL));
            }
            assertThat(site.daemon().weir("masquerade"))
                    .contains("tcp 10.2.0.0/24 behind 10.1.0.100");
            assertHostTraffic(site);

            Files.writeString(
                    rules,
                    "iptables -t nat -A POSTROUTING -p tcp -s 10.2.0.0/24 --sport 20 -j"
                            + " MASQUERADE\n");
            site.daemon().weir("masquerade", "replace", rules.toString());
            assertThat(fromServer(site)).as("port 20 alone").isEqualTo(seenFrom(SERVER));
            assertThat(fromPort20(site)).isEqualTo(seenFrom(LabNetwork.BALANCER_FRONT));
            assertHostTraffic(site);

            site.daemon().weir("masquerade", "flush");
            assertThat(fromServer(site)).isEqualTo(seenFrom(SERVER));
            assertThat(site.daemon().weir("counters")).doesNotContain("internal-error");
        }
    }

    private static String seenFrom(String address) {
        return "client " + address + " " + LabNetwork.CLIENT;
    }

    private static String fromServer(Site site) throws IOException {
        return LineServer.ask(site.network().server(0), LabNetwork.CLIENT, PORT);
    }

    private static String fromPort20(Site site) throws IOException {
        return LineServer.askFromPort(
                site.network().server(0), SERVER, 20, LabNetwork.CLIENT, PORT);
    }

    private static void assertHostTraffic(Site site) throws IOException {
        assertThat(LineServer.ask(site.client(), LabNetwork.VIRTUAL, 80)).startsWith("server-1 ");
        assertThat(LineServer.ask(site.client(), LabNetwork.VIRTUAL, PORT)).startsWith("director ");
        assertThat(LineServer.ask(site.director(), LabNetwork.CLIENT, PORT))
                .isEqualTo(seenFrom(LabNetwork.BALANCER_FRONT));
        assertThat(LineServer.ask(site.network().server(0), "10.2.0.1", PORT))
                .isEqualTo("director " + SERVER + " 10.2.0.1");
    }
}
