package io.weir.control.vrrp;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weir.control.lab.LabException;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import java.util.List;

/** Hosts on one switch, 10.9.0.1 and on, each with eth0; IPv6 has link-local addresses. */
final class RouterLan implements AutoCloseable {
    private static final String KIND = "weir-vrrp";

    private final Namespaces namespaces;
    private final NetworkNamespace network;
    private int hosts;

    /** Skips the test where it cannot be built. */
    RouterLan() throws LabException {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        Namespaces made;
        try {
            made = Namespaces.open(KIND);
            network = made.add("switch");
        } catch (LabException e) {
            abort("needs network namespaces: " + e.getMessage());
            throw e;
        }
        namespaces = made;
        namespaces.configure(
                network, "link add bridge type bridge mcast_snooping 0", "link set bridge up");
    }

    NetworkNamespace add(String name) throws LabException {
        NetworkNamespace host = namespaces.add(name);
        hosts++;
        namespaces.sysctl(host, "ipv6/conf/default/accept_dad", 0);
        connect(host, name, hosts);
        return host;
    }

    /** Gives a host its interface, with the address 10.9.0.NUMBER. */
    void connect(NetworkNamespace host, String name, int number) throws LabException {
        namespaces.veth(host, "eth0", network, name);
        namespaces.configure(
                host, "addr add 10.9.0." + number + "/24 dev eth0", "link set eth0 up");
        plug(name);
    }

    /** Joins a host's cable to the switch, which forwards to it at once. */
    void plug(String name) throws LabException {
        namespaces.configure(network, "link set " + name + " master bridge up");
    }

    /** Leaves the cable in but cut: the host sees a carrier and is alone. */
    void cut(String name) throws LabException {
        namespaces.configure(network, "link set " + name + " nomaster");
    }

    void configure(NetworkNamespace host, String... commands) throws LabException {
        namespaces.configure(host, commands);
    }

    /** The MAC address of a host's eth0. */
    static String mac(NetworkNamespace host) throws LabException {
        String link = Namespaces.run(List.of("ip", "-n", host.toString(), "-o", "link"), "");
        String own = link.lines().filter(line -> line.contains("eth0")).findFirst().orElseThrow();
        return own.replaceAll(".*link/ether (\\S+) .*", "$1");
    }

    @Override
    public void close() {
        namespaces.close();
    }
}
