package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.lab.LabException;
import io.weir.control.lab.LabNetwork;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * curl and vsftpd by direct routing, where nobody reads what FTP agrees on: a firewall mark as in
 * the LVS manual, and persistence, bring the data connections of a client to its server.
 */
final class FtpDirectIT {
    private static final int CLIENTS = 4;

    /** The passive ports of the manual's recipe. */
    private static final String PASSIVE = "pasv_min_port=10000\npasv_max_port=20000\n";

    @TempDir private Path directory;

    @ParameterizedTest(name = "virtual address {0}")
    @ValueSource(strings = {LabNetwork.VIRTUAL, LabNetwork.VIRTUAL_6})
    void aMarkKeepsTheTransfersOfAClientAtItsServer(String virtual) throws Exception {
        boolean ipv6 = virtual.contains(":");
        try (Site site = new Site("lo", 2)) {
            FtpFarm farm = new FtpFarm(site, virtual, directory);
            site.network().serveDirectly();
            farm.serve(ipv6 ? PASSIVE : PASSIVE + "pasv_address=" + virtual + "\n");
            addClients(site, ipv6);
            Path marks = directory.resolve("marks");
            Files.writeString(marks, mark(ipv6, "21") + mark(ipv6, "10000:20000"));
            site.startDaemonWith(List.of("--marks", marks.toString()));
            String service = ipv6 ? "-f 21 -6" : "-f 21";
            site.rules(
                    "-A " + service + " -s rr -p 600",
                    "-a " + service + " -r " + Site.server(virtual, 0) + " -g",
                    "-a " + service + " -r " + Site.server(virtual, 1) + " -g");

            for (int i = 0; i < CLIENTS; i++) {
                String client = client(ipv6, i);
                farm.download(3, "--interface", client);
                farm.upload("passive-" + i, "--interface", client);
                if (!ipv6) {
                    farm.download(
                            2, "--interface", client, "--disable-epsv", "--no-ftp-skip-pasv-ip");
                }
            }
            assertBundled(farm, ipv6, ipv6 ? 4 : 6, "passive-");

            Path more = directory.resolve("more");
            Files.writeString(more, Files.readString(marks) + mark(ipv6, "20"));
            site.daemon().weir("mark", "replace", more.toString());
            for (int i = 0; i < CLIENTS; i++) {
                farm.upload("active-" + i, "--interface", client(ipv6, i), "--ftp-port", "-");
                farm.download(2, "--interface", client(ipv6, i), "--ftp-port", "-");
            }
            assertBundled(farm, ipv6, ipv6 ? 7 : 9, "active-");
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");

            // As with IPVS, the recipe alone is for passive FTP: what a client answers to port 20
            // is the host's, which knows nothing of it.
            site.daemon().weir("mark", "replace", marks.toString());
            assertThatThrownBy(() -> farm.download(1, "--ftp-port", "-", "--max-time", "2"))
                    .isInstanceOf(LabException.class);
        }
    }

    private static String mark(boolean ipv6, String ports) {
        String command = ipv6 ? "ip6tables" : "iptables";
        String virtual = ipv6 ? LabNetwork.VIRTUAL_6 + "/128" : LabNetwork.VIRTUAL + "/32";
        return "%s -t mangle -A PREROUTING -p tcp -d %s --dport %s -j MARK --set-mark 21\n"
                .formatted(command, virtual, ports);
    }

    private static String client(boolean ipv6, int i) {
        return (ipv6 ? "fd01::a" : "10.1.0.1") + i;
    }

    private static void addClients(Site site, boolean ipv6) throws LabException {
        for (int i = 0; i < CLIENTS; i++) {
            String address = client(ipv6, i) + (ipv6 ? "/64 dev front nodad" : "/24 dev front");
            site.network().namespaces().configure(site.client(), "addr add " + address);
        }
    }

    private static void assertBundled(FtpFarm farm, boolean ipv6, int transfers, String upload)
            throws IOException {
        int[] clients = new int[2];
        for (int i = 0; i < CLIENTS; i++) {
            String name = "\"" + client(ipv6, i) + "\"";
            long[] done = new long[2];
            for (int server = 0; server < 2; server++) {
                done[server] =
                        farm.log(server).stream()
                                .filter(line -> line.contains(name) && line.contains(" OK "))
                                .filter(line -> line.contains("LOAD: "))
                                .count();
            }
            assertThat(done).as("transfers of %s", name).containsExactlyInAnyOrder(0, transfers);
            int server = done[0] == 0 ? 1 : 0;
            farm.assertUploaded(server, upload + i);
            clients[server]++;
        }
        assertThat(clients).as("round robin over clients").containsExactly(2, 2);
    }
}
