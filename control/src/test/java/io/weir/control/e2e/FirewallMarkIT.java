package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.lab.LabException;
import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The recipes of the LVS manual: HTTP and HTTPS at one server, and FTP with its passive ports, each
 * by a firewall mark with persistence. Whatever has no mark stays with the director.
 */
final class FirewallMarkIT {
    private static final int CLIENTS = 6;
    private static final String APPEND =
            "/sbin/iptables -t mangle -A PREROUTING -p tcp -d " + LabNetwork.VIRTUAL + "/32 ";
    private static final String WEB =
            APPEND
                    + "--dport 80 -j MARK --set-mark 80\n"
                    + APPEND
                    + "--dport 443 -j MARK --set-mark 80\n";
    private static final String FTP =
            "*mangle\n"
                    + ":PREROUTING ACCEPT [0:0]\n"
                    + "-A PREROUTING -d 10.1.0.100/32 -p tcp -m tcp --dport 21 -j MARK"
                    + " --set-xmark 0x15/0xffffffff\n"
                    + "-A PREROUTING -d 10.1.0.100/32 -p tcp -m tcp --dport 10000:20000 -j MARK"
                    + " --set-xmark 0x15/0xffffffff\n"
                    + "COMMIT\n";

    @TempDir private Path directory;

    @ParameterizedTest(name = "forwarding {0}")
    @ValueSource(strings = {"-m", "-g"})
    void keepsTheBundledPortsOfAClientAtOneServer(String method) throws Exception {
        try (Site site = new Site("lo", 2)) {
            serve(site);
            addClients(site);
            if (method.equals("-m")) {
                site.network().serveByNat();
            } else {
                site.network().serveDirectly();
            }
            Path marks = directory.resolve("marks");
            Files.writeString(marks, WEB);
            site.startDaemonWith(List.of("--marks", marks.toString()));
            site.rules(
                    "-A -f 80 -s rr -p 60",
                    "-a -f 80 -r 10.2.0.11 " + method,
                    "-a -f 80 -r 10.2.0.12 " + method);
            assertBundled(site, 80, 443);
            assertDirectorKeeps(site, 21, 10000, 20000);

            Files.writeString(marks, WEB + FTP);
            site.daemon().weir("mark", "replace", marks.toString());
            site.rules(
                    "-A -f 21 -s rr -p 60",
                    "-a -f 21 -r 10.2.0.11 " + method,
                    "-a -f 21 -r 10.2.0.12 " + method);
            assertBundled(site, 21, 10000, 15000, 20000);
            assertDirectorKeeps(site, 20, 9999, 20001);
            assertHostTraffic(site);
            assertThat(site.daemon().weir("counters")).doesNotContain("internal-error");

            site.daemon().weir("mark", "flush");
            assertDirectorKeeps(site, 80, 443, 21, 15000);
        }
    }

    private static void serve(Site site) throws IOException {
        for (int i = 0; i < 2; i++) {
            for (int port : new int[] {80, 443, 21, 10000, 15000, 20000}) {
                site.with(
                        LineServer.start(site.network().server(i), LabNetwork.serverName(i), port));
            }
        }
        site.with(LineServer.start(site.director(), "director", 22));
    }

    private static String client(int i) {
        return "10.1.0." + (2 + i);
    }

    private static void addClients(Site site) throws LabException {
        Namespaces namespaces = site.network().namespaces();
        for (int i = 1; i < CLIENTS; i++) {
            namespaces.configure(site.client(), "addr add " + client(i) + "/24 dev front");
        }
    }

    private static String ask(Site site, String from, int port) throws IOException {
        String answer = LineServer.askFrom(site.client(), from, LabNetwork.VIRTUAL, port);
        assertThat(answer).contains(" " + from + " ");
        return answer.substring(0, answer.indexOf(' '));
    }

    private static void assertBundled(Site site, int... ports) throws IOException {
        List<String> servers = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Set<String> ofClient = new TreeSet<>();
            for (int port : ports) {
                ofClient.add(ask(site, client(i), port));
            }
            assertThat(ofClient).as("servers of %s", client(i)).hasSize(1);
            servers.addAll(ofClient);
        }
        assertThat(servers)
                .as("round robin over clients")
                .containsOnly("server-1", "server-2")
                .filteredOn("server-1"::equals)
                .hasSize(CLIENTS / 2);
    }

    private static void assertDirectorKeeps(Site site, int... ports) {
        for (int port : ports) {
            assertThatThrownBy(() -> ask(site, LabNetwork.CLIENT, port))
                    .as("port %d, where the director's kernel has no listener", port)
                    .isInstanceOf(ConnectException.class);
        }
    }

    private static void assertHostTraffic(Site site) throws IOException {
        assertThat(ask(site, LabNetwork.CLIENT, 22)).isEqualTo("director");
        assertThat(LineServer.ask(site.director(), "10.2.0.11", 80))
                .isEqualTo("server-1 10.2.0.1 10.2.0.11");
    }
}
