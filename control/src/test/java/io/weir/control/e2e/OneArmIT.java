package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;

/** Client, director and real servers on one network; the director has one interface. */
final class OneArmIT {
    private static final int PORT = 80;

    @ParameterizedTest(name = "network {0}")
    @CsvSource({"10.3.0.,24,32", "fd03::,64,128"})
    void routesDirectlyOutOfTheInterfaceItCameIn(String prefix, int length, int whole)
            throws Exception {
        Site.assumeNamespaces();
        try (Namespaces namespaces = Namespaces.open(Site.KIND)) {
            String virtual = prefix + "100";
            NetworkNamespace network = namespaces.add("switch");
            namespaces.configure(network, "link add bridge type bridge", "link set bridge up");
            NetworkNamespace client = host(namespaces, network, "client", prefix + "2/" + length);
            NetworkNamespace director =
                    host(namespaces, network, "director", prefix + "1/" + length);
            namespaces.configure(
                    director, "addr add " + virtual + "/" + whole + " dev eth0" + noDad(virtual));
            namespaces.sysctl(director, "ipv4/ip_forward", 1);
            namespaces.sysctl(director, "ipv6/conf/all/forwarding", 1);
            List<LineServer> servers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                String name = LabNetwork.serverName(i);
                NetworkNamespace server =
                        host(namespaces, network, name, prefix + "1" + (i + 1) + "/" + length);
                namespaces.sysctl(server, "ipv4/conf/all/arp_ignore", 1);
                namespaces.sysctl(server, "ipv4/conf/all/arp_announce", 2);
                namespaces.configure(
                        server, "addr add " + virtual + "/" + whole + " dev lo" + noDad(virtual));
                servers.add(LineServer.start(server, name, PORT));
            }
            try (DaemonProcess daemon = DaemonProcess.start(director, List.of())) {
                String service = "-t " + Site.bracketed(virtual) + ":80";
                String rules =
                        String.join(
                                "\n",
                                "-A " + service + " -s rr",
                                "-a " + service + " -r " + Site.bracketed(prefix + "11") + ":80 -g",
                                "-a " + service + " -r " + Site.bracketed(prefix + "12") + ":80 -g",
                                "");
                daemon.ipvsadm(List.of("-R"), rules);
                for (int i = 0; i < 10; i++) {
                    String name = LabNetwork.serverName(1 - i % 2);
                    assertThat(LineServer.ask(client, virtual, PORT))
                            .isEqualTo(name + " " + prefix + "2 " + virtual);
                }
            }
            for (LineServer server : servers) {
                server.close();
            }
        }
    }

    private static String noDad(String address) {
        return address.contains(":") ? " nodad" : "";
    }

    private static NetworkNamespace host(
            Namespaces namespaces, NetworkNamespace network, String name, String address)
            throws Exception {
        NetworkNamespace host = namespaces.add(name);
        namespaces.veth(host, "eth0", network, name);
        namespaces.configure(
                host, "addr add " + address + " dev eth0" + noDad(address), "link set eth0 up");
        namespaces.configure(network, "link set " + name + " master bridge up");
        return host;
    }
}
