package io.weir.bench.live;

import io.weir.control.lab.LabException;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A client, a balancer and servers in network namespaces: client [client] - [front] balancer [back]
 * - [server] server, and [side] - [side] between client and server, by which answers go past the
 * balancer in direct routing.
 *
 * <p>The servers are addresses of one namespace, so that one process can serve them all; their
 * answers go through the balancer until {@link #serveDirectly}. Everything goes with {@link
 * #close}, or at the end of this process.
 */
final class Site implements AutoCloseable {
    static final int SERVERS = 4;

    /** Where services are, of every contender that has services. */
    static final int HTTP = 80;

    static final int BULK = 5201;
    static final int PACKETS = 7000;

    private static final String KIND = "weir-live";
    private static final int REMOVALS = 50;
    private static final long REMOVAL_NANOS = 100_000_000;
    private static final int BACKLOG = 16_384;
    private static final int KNOCK_MILLIS = 50;
    private static final int BETWEEN_KNOCKS_NANOS = 20_000_000;
    private static final int MOST_KNOCKS = 200;

    private final Layout layout;
    private final Family family;
    private final Namespaces namespaces;
    private final NetworkNamespace client;
    private final NetworkNamespace balancer;
    private final NetworkNamespace server;
    private final Path directory;
    private final Thread hook;
    private final List<Program> programs = new ArrayList<>();

    /**
     * Builds everything but the contender.
     *
     * @throws LabException if this machine does not let us; one line for the user
     */
    Site(Layout layout, Family family) throws IOException {
        this.layout = layout;
        this.family = family;
        namespaces = Namespaces.open(KIND);
        directory = Files.createTempDirectory(KIND);
        hook = new Thread(this::removeDirectoryAtExit, "site-removal");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            client = namespaces.add("client");
            balancer = namespaces.add("balancer");
            server = namespaces.add("server");
            useAddressesAtOnce();
            connect();
            setUpInterfaces();
            awaitLinks();
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    // While a link's own address is being probed for a duplicate, a router asks for no neighbour.
    private void useAddressesAtOnce() throws LabException {
        for (NetworkNamespace host : List.of(client, balancer, server)) {
            namespaces.sysctl(host, "ipv6/conf/all/accept_dad", 0);
            namespaces.sysctl(host, "ipv6/conf/default/accept_dad", 0);
        }
    }

    private void connect() throws LabException {
        namespaces.veth(client, "client", balancer, "front");
        namespaces.veth(balancer, "back", server, "server");
        namespaces.veth(client, "side", server, "side");
        namespaces.configure(
                client,
                added(family.inNetwork(family.client()), "client"),
                added(family.inNetwork(family.sideClient()), "side"),
                "link set client up",
                "link set side up",
                "route add " + family.backNetwork() + " via " + family.front());
        namespaces.configure(
                balancer,
                added(family.inNetwork(family.front()), "front"),
                added(family.alone(family.virtual()), "front"),
                added(family.inNetwork(family.back()), "back"),
                "link set front up",
                "link set back up");
        namespaces.configure(
                server,
                added(family.inNetwork(family.sideServer()), "side"),
                "link set server up",
                "link set side up");
        for (int i = 0; i < SERVERS; i++) {
            namespaces.configure(server, added(family.inNetwork(family.server(i)), "server"));
        }
        namespaces.configure(server, "route add " + family.anywhere() + " via " + family.back());
        namespaces.sysctl(balancer, family.forwardingVariable(), 1);
        for (NetworkNamespace host : List.of(client, balancer, server)) {
            // Tens of thousands of short connections a second need more ports and places than the
            // defaults have; the same for everybody.
            sysctl(host, "ipv4/ip_local_port_range", "1024 65535");
            // Where an answer overtakes the end of its connection, clients close first, and their
            // ports would be gone for a minute each.
            sysctl(host, "ipv4/tcp_tw_reuse", "1");
            sysctl(host, "core/somaxconn", String.valueOf(BACKLOG));
            sysctl(host, "ipv4/tcp_max_syn_backlog", String.valueOf(BACKLOG));
        }
    }

    /** The command that gives an interface an address. */
    private String added(String address, String link) {
        return "addr add " + address + " dev " + link;
    }

    private void sysctl(NetworkNamespace host, String path, String value) throws LabException {
        Path file = Path.of("/proc/sys/net", path);
        try {
            host.call(() -> Files.writeString(file, value + "\n"));
        } catch (IOException e) {
            throw new LabException("cannot write " + file + " in " + host + ": " + e, e);
        }
    }

    private void setUpInterfaces() throws LabException {
        for (Port port : ports()) {
            List<String> command = new ArrayList<>(List.of("ethtool", "-K", port.name));
            if (!layout.offloads()) {
                command.addAll(List.of("tx", "off", "tso", "off", "gso", "off"));
            }
            // A veth polls by NAPI while its GRO or XDP is on.
            boolean polls = layout.napiThreads() && port.host.equals(balancer);
            command.addAll(List.of("gro", polls ? "on" : "off"));
            run(port.host, command);
            if (polls) {
                shell(port.host, "echo 1 >/sys/class/net/" + port.name + "/threaded");
            } else if (layout.placement() == Layout.Placement.BALANCER_APART) {
                String mask = port.host.equals(balancer) ? "2" : "1";
                shell(
                        port.host,
                        "echo " + mask + " >/sys/class/net/" + port.name + "/queues/rx-0/rps_cpus");
            }
        }
    }

    // The kernel uses IPv6 on a link only some time after it has come up.
    private void awaitLinks() throws IOException {
        awaitRefusal(client, family.front());
        awaitRefusal(server, family.back());
        awaitRefusal(client, family.sideServer());
    }

    /** Asks a host for a service that it does not have until it says so. */
    private static void awaitRefusal(NetworkNamespace from, String address) throws IOException {
        from.call(
                () -> {
                    InetSocketAddress closed = new InetSocketAddress(address, HTTP);
                    for (int i = 0; i < MOST_KNOCKS; i++) {
                        try (Socket socket = new Socket()) {
                            socket.connect(closed, KNOCK_MILLIS);
                            throw new LabException("there is a service at " + closed);
                        } catch (ConnectException e) {
                            return i;
                        } catch (SocketTimeoutException | SocketException e) {
                            LockSupport.parkNanos(BETWEEN_KNOCKS_NANOS);
                        }
                    }
                    throw new LabException("no answer from " + address);
                });
    }

    /** An end of a veth pair. */
    private record Port(NetworkNamespace host, String name) {}

    private List<Port> ports() {
        return List.of(
                new Port(client, "client"),
                new Port(balancer, "front"),
                new Port(balancer, "back"),
                new Port(server, "server"),
                new Port(client, "side"),
                new Port(server, "side"));
    }

    /** Gives the servers the virtual address and sends their answers past the balancer. */
    void serveDirectly() throws LabException {
        // The address is theirs too, but they neither answer ARP for it nor announce it. Neighbour
        // discovery answers for the addresses of the asked interface alone.
        namespaces.sysctl(server, "ipv4/conf/all/arp_ignore", 1);
        namespaces.sysctl(server, "ipv4/conf/all/arp_announce", 2);
        namespaces.configure(
                server,
                added(family.alone(family.virtual()), "lo"),
                "route replace " + family.anywhere() + " via " + family.sideClient(),
                "route add " + family.frontNetwork() + " via " + family.sideClient());
    }

    /** Runs a command to its end inside a namespace; returns what it printed. */
    String run(NetworkNamespace host, List<String> command) throws LabException {
        return Namespaces.run(Namespaces.inside(host, command), "");
    }

    /** Runs a line of shell inside a namespace, whose /sys it sees. */
    void shell(NetworkNamespace host, String line) throws LabException {
        run(host, List.of("sh", "-c", line));
    }

    /**
     * Starts a program that ends with the site, on the processors that its host has.
     *
     * @param output the name of a file for what it prints, in {@link #directory}
     */
    Program start(NetworkNamespace host, String output, List<String> command) throws IOException {
        Program program =
                Program.start(
                        Namespaces.inside(host, onProcessors(host, command)),
                        directory.resolve(output));
        programs.add(program);
        return program;
    }

    /** A command that will run on the processors that a host has. */
    List<String> onProcessors(NetworkNamespace host, List<String> command) {
        Layout.Placement placement = layout.placement();
        String processors = host.equals(balancer) ? placement.balancer() : placement.hosts();
        if (processors.isEmpty()) {
            return command;
        }
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", processors));
        pinned.addAll(command);
        return pinned;
    }

    /** Whether a TCP port is listened on in a namespace. */
    boolean listens(NetworkNamespace host, int port) throws IOException {
        return !run(host, List.of("ss", "-Hltn", "sport", "=", String.valueOf(port))).isBlank();
    }

    Layout layout() {
        return layout;
    }

    /** The family of all its addresses. */
    Family family() {
        return family;
    }

    NetworkNamespace client() {
        return client;
    }

    NetworkNamespace balancer() {
        return balancer;
    }

    NetworkNamespace server() {
        return server;
    }

    /** For configurations and output of programs; goes with the site. */
    Path directory() {
        return directory;
    }

    // Until the namespaces' own hook has ended them, programs may write there.
    private void removeDirectoryAtExit() {
        for (int i = 0; i < REMOVALS && Files.exists(directory); i++) {
            try {
                removeDirectory();
            } catch (IOException e) {
                LockSupport.parkNanos(REMOVAL_NANOS);
            }
        }
    }

    private void removeDirectory() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Program program : programs.reversed()) {
            program.close();
        }
        namespaces.close();
        removeDirectory();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook finds nothing left to do.
        }
    }
}
