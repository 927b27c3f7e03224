package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabException;
import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The recipes of the manual's §3.4 and §3.5, from a file alone: HTTP with HTTPS, and FTP. */
final class ConfiguredRecipesIT {
    private static final String HEAD = "service = lvs\nnetwork = nat\n";
    private static final int CLIENTS = 4;
    private static final long PATIENCE_MILLIS = 20_000;

    @TempDir private Path directory;

    private static String servers() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2; i++) {
            text.append("    server s").append(i).append(" {\n        active = 1\n");
            text.append("        address = ")
                    .append(LabNetwork.serverAddress(i))
                    .append("\n    }\n");
        }
        return text.toString();
    }

    private DaemonProcess start(Site site, String text) throws Exception {
        Path file = directory.resolve("lvs.cf");
        Files.writeString(file, text);
        DaemonProcess daemon = site.startDaemonWith(List.of("--config", file.toString()));
        ControlClient control = ControlClient.of(daemon);
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        String listing = control.listing();
        while (!listing.contains(LabNetwork.serverAddress(0))
                || !listing.contains(LabNetwork.serverAddress(1))) {
            assertThat(System.nanoTime())
                    .as("%s%n%s", listing, String.join("\n", daemon.output()))
                    .isLessThan(end);
            Thread.sleep(50);
            listing = control.listing();
        }
        return daemon;
    }

    private static String client(int i) {
        return "10.1.0." + (2 + i);
    }

    private static void addClients(Site site) throws LabException {
        for (int i = 1; i < CLIENTS; i++) {
            site.network()
                    .namespaces()
                    .configure(site.client(), "addr add " + client(i) + "/24 dev front");
        }
    }

    @Test
    void aMarkBundlesHttpAndHttps() throws Exception {
        try (Site site = new Site("lo", 2)) {
            site.network().serveByNat();
            addClients(site);
            for (int i = 0; i < 2; i++) {
                for (int port : new int[] {8080, 8443}) {
                    String name = LabNetwork.serverName(i);
                    site.with(LineServer.start(site.network().server(i), name, port));
                }
            }
            start(site, HEAD + web(8080, "web") + web(8443, "tls"));
            assertThat(ControlClient.of(site.daemon()).listing())
                    .containsPattern("FWM  80 rr persistent 60\n.*\n.*0 +\n$");
            List<String> first = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Set<String> ofClient = new TreeSet<>();
                for (int port : new int[] {8080, 8443, 8080}) {
                    String answer =
                            LineServer.askFrom(site.client(), client(i), LabNetwork.VIRTUAL, port);
                    ofClient.add(answer.substring(0, answer.indexOf(' ')));
                }
                assertThat(ofClient).hasSize(1);
                first.addAll(ofClient);
            }
            assertThat(first).contains("server-1", "server-2");
        }
    }

    private static String web(int port, String name) {
        return """
        virtual %s {
            active = 1
            address = 10.1.0.100 front:1
            fwmark = 80
            port = %d
            persistent = 60
            scheduler = rr
            timeout = 2
            reentry = 2
        %s}
        """
                .formatted(name, port, servers());
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "nat"})
    void aMarkBundlesTheConnectionsOfFtp(String network) throws Exception {
        boolean nat = network.equals("nat");
        try (Site site = new Site("lo", 2)) {
            FtpFarm farm = new FtpFarm(site, LabNetwork.VIRTUAL, directory);
            if (nat) {
                site.network().serveByNat();
            } else {
                site.network().serveDirectly();
            }
            farm.serve(
                    "pasv_min_port=10000\npasv_max_port=20000\npasv_address="
                            + LabNetwork.VIRTUAL
                            + "\n");
            addClients(site);
            start(site, ftp(network, nat));
            for (int i = 0; i < CLIENTS; i++) {
                farm.download(2, "--interface", client(i));
                farm.upload("passive-" + i, "--interface", client(i));
                if (nat) {
                    farm.download(2, "--interface", client(i), "--ftp-port", "-");
                }
            }
            for (int server = 0; server < 2; server++) {
                assertThat(farm.log(server)).anyMatch(line -> line.contains("OK DOWNLOAD"));
            }
        }
    }

    // Behind NAT, the connections that servers open from port 20 are hidden, as in the manual.
    private static String ftp(String network, boolean nat) {
        String hidden = "masquerade_rule = tcp 10.2.0.0/24 sport 20 behind 10.1.0.100\n";
        return """
        service = lvs
        network = %s
        %svirtual files {
            active = 1
            address = 10.1.0.100 front:1
            fwmark = 21
            port = 21
            mark_ports = 10000:20000
            persistent = 600
            expect = "220"
            scheduler = rr
            timeout = 3
            reentry = 3
        %s}
        """
                .formatted(network, nat ? hidden : "", servers());
    }
}
