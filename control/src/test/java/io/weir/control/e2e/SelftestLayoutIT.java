package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabException;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The layout in which the kernel's developers test IPVS: the client is a bridge between the
 * director and the real server, which is reached both ways, and the director's loopback has the
 * virtual address. Everything is done with the command ipvsadm alone.
 */
final class SelftestLayoutIT {
    private static final String VIRTUAL = "207.175.44.110";
    private static final String SERVICE = VIRTUAL + ":8080";
    private static final String REAL = "172.16.0.2:8080";
    private static final int PORT = 8080;

    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"-g", "-m", "-i"})
    void carriesAConnection(String method) throws Exception {
        Site.assumeNamespaces();
        InstalledClient installed = InstalledClient.in(directory);
        try (Namespaces namespaces = Namespaces.open(Site.KIND)) {
            NetworkNamespace client = namespaces.add("ns0");
            NetworkNamespace director = namespaces.add("ns1");
            NetworkNamespace server = namespaces.add("ns2");
            build(namespaces, client, director, server);
            switch (method) {
                case "-g" -> hasVirtualAddress(namespaces, server, "lo");
                case "-m" ->
                        namespaces.configure(
                                server, "link del veth20", "route add default via 172.16.0.1");
                default -> {
                    assumeTunnelDevice(namespaces, server);
                    hasVirtualAddress(namespaces, server, "tunl0");
                    namespaces.sysctl(server, "ipv4/conf/tunl0/rp_filter", 0);
                }
            }
            try (LineServer _ = LineServer.start(server, "server", PORT);
                    DaemonProcess _ = DaemonProcess.start(director, List.of())) {
                ipvsadm(installed, director, "-A", "-t", SERVICE, "-s", "rr");
                ipvsadm(installed, director, "-a", "-t", SERVICE, "-r", REAL, method);
                assertThat(LineServer.ask(client, VIRTUAL, PORT)).startsWith("server 10.0.0.2");
            }
        }
    }

    private static void ipvsadm(
            InstalledClient installed, NetworkNamespace director, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of("ipvsadm"));
        command.addAll(List.of(arguments));
        assertThat(installed.run(director, command, "")).isEmpty();
    }

    // The director's end of a tunnel is weir, the other one the kernel.
    private static void assumeTunnelDevice(Namespaces namespaces, NetworkNamespace server) {
        try {
            // Where the kernel has the module, this brings it and with it a tunl0 everywhere.
            namespaces.configure(server, "link add trial type ipip local 172.16.0.2");
            namespaces.configure(server, "link del trial", "link set tunl0 up");
        } catch (LabException e) {
            abort("needs IPIP tunnels in this machine's kernel: " + e.getMessage());
        }
    }

    private static void hasVirtualAddress(
            Namespaces namespaces, NetworkNamespace server, String device) throws LabException {
        namespaces.sysctl(server, "ipv4/conf/all/arp_ignore", 1);
        namespaces.sysctl(server, "ipv4/conf/all/arp_announce", 2);
        namespaces.configure(server, "addr add " + VIRTUAL + "/32 dev " + device);
    }

    private static void build(
            Namespaces namespaces,
            NetworkNamespace client,
            NetworkNamespace director,
            NetworkNamespace server)
            throws Exception {
        namespaces.veth(client, "veth01", director, "veth10");
        namespaces.veth(client, "veth02", server, "veth20");
        namespaces.veth(director, "veth12", server, "veth21");
        namespaces.configure(
                client,
                "link add br0 type bridge",
                "link set veth01 master br0 up",
                "link set veth02 master br0 up",
                "link set br0 up",
                "addr add 10.0.0.2/24 dev br0",
                "route add " + VIRTUAL + " via 10.0.0.1");
        namespaces.configure(
                director,
                "addr add 10.0.0.1/24 dev veth10",
                "addr add 172.16.0.1/24 dev veth12",
                "addr add " + VIRTUAL + "/32 dev lo",
                "link set veth10 up",
                "link set veth12 up");
        namespaces.sysctl(director, "ipv4/ip_forward", 1);
        namespaces.configure(
                server,
                "addr add 172.16.0.2/24 dev veth21",
                "addr add 10.0.0.3/24 dev veth20",
                "link set veth21 up",
                "link set veth20 up");
    }
}
