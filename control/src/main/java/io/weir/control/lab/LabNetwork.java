package io.weir.control.lab;

import io.weir.dataplane.sys.NetworkNamespace;

import java.util.ArrayList;
import java.util.List;

/**
 * Hosts in network namespaces: a client and a balancer on one veth pair, the balancer and real
 * servers on a switch. The client is on that switch, too: it is the servers' way out in direct
 * routing, as a site's other router would be. Any thread.
 */
public final class LabNetwork implements AutoCloseable {
    public static final String CLIENT = "10.1.0.2";
    public static final String BALANCER_FRONT = "10.1.0.1";
    public static final String BALANCER_BACK = "10.2.0.1";
    public static final String VIRTUAL = "10.1.0.100";

    public static final String CLIENT_6 = "fd01::2";
    public static final String VIRTUAL_6 = "fd01::100";

    private static final String BALANCER_FRONT_6 = "fd01::1";
    private static final String BALANCER_BACK_6 = "fd02::1";
    private static final String OTHER_ROUTER = "10.2.0.254";
    private static final String OTHER_ROUTER_6 = "fd02::fe";

    private final int queues;
    private final Namespaces namespaces;
    private final NetworkNamespace network;
    private final NetworkNamespace client;
    private final NetworkNamespace balancer;
    private final List<NetworkNamespace> servers = new ArrayList<>();

    /**
     * Builds everything; the real servers' default route is not set yet.
     *
     * @param kind the beginning of the namespaces' names
     * @param virtualDevice the balancer's interface that has the virtual address: lo or front
     * @param count of real servers
     * @throws LabException if this machine does not let us; one line for the user
     */
    public LabNetwork(String kind, String virtualDevice, int count) throws LabException {
        this(kind, virtualDevice, count, 1);
    }

    /**
     * Builds the same.
     *
     * @param queues how many queues each interface has in either direction
     */
    public LabNetwork(String kind, String virtualDevice, int count, int queues)
            throws LabException {
        this.queues = queues;
        namespaces = Namespaces.open(kind);
        try {
            network = namespaces.add("switch");
            client = namespaces.add("client");
            balancer = namespaces.add("balancer");
            connectRouters(virtualDevice);
            for (int i = 0; i < count; i++) {
                NetworkNamespace server = namespaces.add(serverName(i));
                servers.add(server);
                plug(server, serverName(i));
                namespaces.configure(
                        server,
                        "addr add " + serverAddress(i) + "/24 dev back",
                        "addr add " + serverAddress6(i) + "/64 dev back nodad");
            }
        } catch (LabException e) {
            namespaces.close();
            throw e;
        }
    }

    private void connectRouters(String virtualDevice) throws LabException {
        namespaces.configure(network, "link add bridge type bridge", "link set bridge up");
        namespaces.veth(client, "front", balancer, "front", queues);
        plug(client, "client");
        plug(balancer, "balancer");
        namespaces.configure(
                client,
                "addr add " + CLIENT + "/24 dev front",
                "addr add " + OTHER_ROUTER + "/24 dev back",
                "addr add " + CLIENT_6 + "/64 dev front nodad",
                "addr add " + OTHER_ROUTER_6 + "/64 dev back nodad",
                "link set front up",
                // Where the address is on lo, the kernel does not tell its Ethernet address.
                "route add " + VIRTUAL_6 + "/128 via " + BALANCER_FRONT_6);
        namespaces.configure(
                balancer,
                "addr add " + BALANCER_FRONT + "/24 dev front",
                "addr add " + VIRTUAL + "/32 dev " + virtualDevice,
                "addr add " + BALANCER_BACK + "/24 dev back",
                "addr add " + BALANCER_FRONT_6 + "/64 dev front nodad",
                "addr add " + VIRTUAL_6 + "/128 dev " + virtualDevice + " nodad",
                "addr add " + BALANCER_BACK_6 + "/64 dev back nodad",
                "link set front up");
        namespaces.sysctl(balancer, "ipv4/ip_forward", 1);
        namespaces.sysctl(balancer, "ipv6/conf/all/forwarding", 1);
    }

    private void plug(NetworkNamespace host, String port) throws LabException {
        namespaces.veth(host, "back", network, port, queues);
        namespaces.configure(host, "link set back up");
        namespaces.configure(network, "link set " + port + " master bridge up");
    }

    /** Sends the real servers' replies back through the balancer. */
    public void serveByNat() throws LabException {
        for (NetworkNamespace server : servers) {
            namespaces.configure(
                    server,
                    "route replace default via " + BALANCER_BACK,
                    "route replace ::/0 via " + BALANCER_BACK_6);
        }
    }

    /** Gives the real servers the virtual address and sends their replies past the balancer. */
    public void serveDirectly() throws LabException {
        for (NetworkNamespace server : servers) {
            // The address is theirs too, but they neither answer ARP for it nor announce it.
            namespaces.sysctl(server, "ipv4/conf/all/arp_ignore", 1);
            namespaces.sysctl(server, "ipv4/conf/all/arp_announce", 2);
            namespaces.configure(
                    server,
                    "addr replace " + VIRTUAL + "/32 dev lo",
                    "route replace default via " + OTHER_ROUTER,
                    "addr replace " + VIRTUAL_6 + "/128 dev lo nodad",
                    "route replace ::/0 via " + OTHER_ROUTER_6);
        }
    }

    public NetworkNamespace client() {
        return client;
    }

    public NetworkNamespace balancer() {
        return balancer;
    }

    /** The namespace of a real server, counted from 0. */
    public NetworkNamespace server(int index) {
        return servers.get(index);
    }

    public int servers() {
        return servers.size();
    }

    /** The host name of a real server, counted from 0: server-1 is the first. */
    public static String serverName(int index) {
        return "server-" + (index + 1);
    }

    /** The address of a real server, counted from 0. */
    public static String serverAddress(int index) {
        return "10.2.0." + (11 + index);
    }

    /** The IPv6 address of a real server, counted from 0. */
    public static String serverAddress6(int index) {
        return "fd02::" + (11 + index);
    }

    /** All of the namespaces, for whatever else is to be done to them. */
    public Namespaces namespaces() {
        return namespaces;
    }

    @Override
    public void close() {
        namespaces.close();
    }
}
