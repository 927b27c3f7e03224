package io.weir.control.lab.failover;

import io.weir.control.lab.LabException;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import java.util.ArrayList;
import java.util.List;

/**
 * A client, two routers and real servers in network namespaces, on two switches: the client's and
 * the servers'. The servers' default route is the address that moves between the routers, as in the
 * manual's NAT set-up. Any thread.
 */
final class PairNetwork implements AutoCloseable {
    static final String CLIENT = "10.1.0.2";
    static final String VIRTUAL = "10.1.0.100";
    static final String GATEWAY = "10.2.0.1";
    static final int SERVERS = 3;

    private final Namespaces namespaces;
    private final NetworkNamespace network;
    private final NetworkNamespace client;
    private final List<NetworkNamespace> routers = new ArrayList<>();
    private final List<NetworkNamespace> servers = new ArrayList<>();

    /**
     * Builds everything.
     *
     * @param kind the beginning of the namespaces' names
     * @throws LabException if this machine does not let us; one line for the user
     */
    PairNetwork(String kind) throws LabException {
        namespaces = Namespaces.open(kind);
        try {
            network = namespaces.add("switches");
            namespaces.configure(
                    network,
                    "link add fronts type bridge",
                    "link add backs type bridge",
                    "link set fronts up",
                    "link set backs up");
            client = namespaces.add("client");
            plug(client, "front", "f-client", CLIENT);
            for (int i = 0; i < 2; i++) {
                routers.add(addRouter(i));
            }
            for (int i = 0; i < SERVERS; i++) {
                servers.add(addServer(i));
            }
        } catch (LabException e) {
            namespaces.close();
            throw e;
        }
    }

    private NetworkNamespace addRouter(int index) throws LabException {
        NetworkNamespace router = namespaces.add(routerName(index));
        plug(router, "front", "f-" + index, routerFront(index));
        plug(router, "back", "b-" + index, routerBack(index));
        namespaces.sysctl(router, "ipv4/ip_forward", 1);
        return router;
    }

    private NetworkNamespace addServer(int index) throws LabException {
        NetworkNamespace server = namespaces.add(serverName(index));
        plug(server, "back", "b-s" + index, serverAddress(index));
        namespaces.configure(server, "route add default via " + GATEWAY);
        return server;
    }

    private void plug(NetworkNamespace host, String device, String port, String address)
            throws LabException {
        namespaces.veth(host, device, network, port);
        namespaces.configure(
                host, "addr add " + address + "/24 dev " + device, "link set " + device + " up");
        namespaces.configure(
                network,
                "link set " + port + " master " + device + "s",
                "link set " + port + " up");
    }

    /** Pulls the plug of a router's interface on the clients' side, or puts it back. */
    void setFrontLink(int router, boolean up) throws LabException {
        namespaces.configure(network, "link set f-" + router + (up ? " up" : " down"));
    }

    /** Whether a router has the virtual address at this moment, as its kernel sees it. */
    boolean hasVirtual(int router) throws LabException {
        List<String> command = List.of("ip", "-n", router(router).toString(), "-o", "address");
        return Namespaces.run(command, "").contains(" " + VIRTUAL + "/");
    }

    NetworkNamespace client() {
        return client;
    }

    /** The namespace of a router, 0 or 1. */
    NetworkNamespace router(int index) {
        return routers.get(index);
    }

    /** The namespace of a real server, counted from 0. */
    NetworkNamespace server(int index) {
        return servers.get(index);
    }

    static String routerName(int index) {
        return index == 0 ? "first" : "second";
    }

    /** A router's own address on the clients' side. */
    static String routerFront(int index) {
        return "10.1.0." + (11 + index);
    }

    /** A router's own address on the servers' side. */
    static String routerBack(int index) {
        return "10.2.0." + (2 + index);
    }

    static String serverName(int index) {
        return "server-" + (index + 1);
    }

    static String serverAddress(int index) {
        return "10.2.0." + (11 + index);
    }

    @Override
    public void close() {
        namespaces.close();
    }
}
