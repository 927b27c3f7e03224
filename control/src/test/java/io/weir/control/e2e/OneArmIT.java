package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Client, director and real servers on one network; the director has one interface. */
final class OneArmIT {
    private static final String VIRTUAL = "10.3.0.100";
    private static final int PORT = 80;

    @Test
    void routesDirectlyOutOfTheInterfaceItCameIn() throws Exception {
        Site.assumeNamespaces();
        try (Namespaces namespaces = Namespaces.open(Site.KIND)) {
            NetworkNamespace network = namespaces.add("switch");
            namespaces.configure(network, "link add bridge type bridge", "link set bridge up");
            NetworkNamespace client = host(namespaces, network, "client", "10.3.0.2");
            NetworkNamespace director = host(namespaces, network, "director", "10.3.0.1");
            namespaces.configure(director, "addr add " + VIRTUAL + "/32 dev eth0");
            namespaces.sysctl(director, "ipv4/ip_forward", 1);
            List<LineServer> servers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                String name = LabNetwork.serverName(i);
                NetworkNamespace server = host(namespaces, network, name, "10.3.0.1" + (i + 1));
                namespaces.sysctl(server, "ipv4/conf/all/arp_ignore", 1);
                namespaces.sysctl(server, "ipv4/conf/all/arp_announce", 2);
                namespaces.configure(server, "addr add " + VIRTUAL + "/32 dev lo");
                servers.add(LineServer.start(server, name, PORT));
            }
            try (DaemonProcess daemon = DaemonProcess.start(director, List.of())) {
                String service = "-t " + VIRTUAL + ":80";
                String rules =
                        String.join(
                                "\n",
                                "-A " + service + " -s rr",
                                "-a " + service + " -r 10.3.0.11:80 -g",
                                "-a " + service + " -r 10.3.0.12:80 -g",
                                "");
                daemon.ipvsadm(List.of("-R"), rules);
                for (int i = 0; i < 10; i++) {
                    String name = LabNetwork.serverName(1 - i % 2);
                    assertThat(LineServer.ask(client, VIRTUAL, PORT, 5000))
                            .isEqualTo(name + " 10.3.0.2 " + VIRTUAL);
                }
            }
            for (LineServer server : servers) {
                server.close();
            }
        }
    }

    private static NetworkNamespace host(
            Namespaces namespaces, NetworkNamespace network, String name, String address)
            throws Exception {
        NetworkNamespace host = namespaces.add(name);
        namespaces.veth(host, "eth0", network, name);
        namespaces.configure(host, "addr add " + address + "/24 dev eth0", "link set eth0 up");
        namespaces.configure(network, "link set " + name + " master bridge up");
        return host;
    }
}
