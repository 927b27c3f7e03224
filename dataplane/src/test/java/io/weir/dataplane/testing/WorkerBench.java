package io.weir.dataplane.testing;

import io.weir.dataplane.director.WorkerShare;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.io.memory.MemoryPort;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.net.RoutedNetwork;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.spi.ForwarderFactory;
import io.weir.dataplane.spi.GatewayFactory;
import io.weir.dataplane.worker.Worker;
import io.weir.dataplane.worker.WorkerOptions;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A worker between two networks in memory, with a clock that the test moves.
 *
 * <pre>
 * clients 10.1.0.11-.30, router .254 -- cli 10.1.0.1, VIP 10.1.0.100 | srv 10.2.0.1 -- servers 10.2.0.11-.30
 * </pre>
 *
 * The balancer's Ethernet addresses end in 00:01 and 00:02, those of client 10.1.0.x and server
 * 10.2.0.x in 01:x and 02:x; the IPv6 clients fd01::11 to ::19 have theirs, too. Clients elsewhere
 * are behind the router. The test is client and server.
 */
public final class WorkerBench implements AutoCloseable {
    public static final int CLI = 1;
    public static final int SRV = 2;
    public static final String CLI_MAC = "02:00:00:00:00:01";
    public static final String SRV_MAC = "02:00:00:00:00:02";
    public static final String VIP = "10.1.0.100";
    public static final String CLIENT = "10.1.0.11";
    public static final String SERVER = "10.2.0.11";
    public static final String VIP_6 = "fd01::100";
    public static final String CLIENT_6 = "fd01::11";
    public static final String SERVER_6 = "fd02::11";
    public static final int MTU = 1500;

    private final List<Throwable> faults = new ArrayList<>();
    private final MemoryLink cli;
    private final MemoryLink srv;
    private final Worker worker;
    private long nowMillis = 1_000_000;

    /** Makes a bench where all neighbours are known. */
    public WorkerBench(ForwarderFactory... forwarders) {
        this(new Options(), forwarders);
    }

    /** Makes a bench. */
    public WorkerBench(Options options, ForwarderFactory... forwarders) {
        cli = open("cli", CLI, options.linkFrames);
        srv = open("srv", SRV, options.linkFrames);
        worker =
                new Worker(
                        new WorkerOptions(
                                options.connections,
                                options.fragmentedDatagrams,
                                options.routing,
                                options.routingIpv6,
                                options.icmpErrorsPerSecond,
                                FirstServer.CATALOG,
                                Arrays.asList(forwarders),
                                options.gateway,
                                options.steering,
                                null,
                                () -> nowMillis,
                                () -> nowMillis,
                                new SplittableRandom(1),
                                faults::add,
                                WorkerShare.ALONE));
        worker.director().setMarks(options.marks);
        worker.pipeline().ports().add(new LinkPort(cli.port(), link(CLI, MTU)));
        worker.pipeline().ports().add(new LinkPort(srv.port(), link(SRV, options.serverMtu)));
        network(options);
        if (options.neighboursKnown) {
            for (int i = 1; i < 255; i++) {
                known(CLI, "10.1.0." + i, 0x0200_0000_0100L | i);
                known(SRV, "10.2.0." + i, 0x0200_0000_0200L | i);
            }
            for (int i = 11; i <= 19; i++) {
                known(CLI, "fd01::" + i, 0x0200_0000_0100L | i);
            }
            known(CLI, "fd01::fe", 0x0200_0000_01feL);
            known(SRV, SERVER_6, 0x0200_0000_020bL);
        }
    }

    /** What can be chosen. */
    public static final class Options {
        public int connections = 4096;
        public int fragmentedDatagrams = 8;
        public boolean routing = true;
        public boolean routingIpv6 = true;
        public int icmpErrorsPerSecond;
        public int serverMtu = MTU;
        public int linkFrames = 256;
        public boolean neighboursKnown = true;
        public GatewayFactory gateway = GatewayFactory.NONE;
        public EndpointSteering steering = EndpointSteering.NONE;
        public MarkTable marks = MarkTable.EMPTY;
        public boolean defaultRoute = true;
    }

    private static MemoryLink open(String name, int index, int frames) {
        return MemoryLink.open(new MemoryPort.End(name, index, null), frames, 4096);
    }

    private static Link link(int index, int mtu) {
        return new Link(
                index, index == CLI ? "cli" : "srv", 0x0200_0000_0000L | index, mtu, true, true);
    }

    private void network(Options options) {
        List<LinkAddress> addresses =
                List.of(
                        new LinkAddress(address("10.1.0.1"), 24, CLI),
                        new LinkAddress(address(VIP), 32, CLI),
                        new LinkAddress(address("10.2.0.1"), 24, SRV),
                        new LinkAddress(address("fd01::1"), 64, CLI),
                        new LinkAddress(address(VIP_6), 128, CLI),
                        new LinkAddress(address("fd02::1"), 64, SRV));
        List<Route> routes = new ArrayList<>(ConnectedRoutes.of(addresses));
        if (options.defaultRoute) {
            routes.add(route("0.0.0.0", 0, "10.1.0.254", CLI));
            routes.add(route("::", 0, "fd01::fe", CLI));
        }
        worker.pipeline()
                .networkChanged(
                        new RoutedNetwork(
                                new NetworkSnapshot(
                                        List.of(link(CLI, MTU), link(SRV, options.serverMtu)),
                                        addresses,
                                        routes)));
    }

    /** A route through a gateway. */
    public static Route route(String prefix, int length, String gateway, int linkIndex) {
        return new Route(
                address(prefix), length, address(gateway), linkIndex, 0, Route.Kind.UNICAST, null);
    }

    public static IpAddress address(String text) {
        IpAddress parsed = IpAddress.parse(text);
        if (parsed == null) {
            throw new IllegalArgumentException(text);
        }
        return parsed;
    }

    private void known(int linkIndex, String address, long mac) {
        neighbour(linkIndex, address, NeighbourEntry.State.USABLE, mac);
    }

    /** News of a neighbour. */
    public void neighbour(int linkIndex, String address, NeighbourEntry.State state, long mac) {
        worker.pipeline()
                .neighbourChanged(new NeighbourEntry(linkIndex, address(address), state, mac));
    }

    /** Adds a virtual service of the VIP with one real server. */
    public WorkerBench service(int protocol, int port, ForwardingMethod method, int serverPort) {
        ServiceId id = ServiceId.of(protocol, address(VIP), port);
        return service(id, ServiceSettings.of("first"), method, serverPort);
    }

    /** Adds a virtual service of the IPv6 VIP with one real server. */
    public WorkerBench service6(int protocol, int port, ForwardingMethod method, int serverPort) {
        ServiceId id = ServiceId.of(protocol, address(VIP_6), port);
        worker.director().addService(id, ServiceSettings.of("first"));
        ServerId server = new ServerId(address(SERVER_6), serverPort);
        worker.director().addServer(id, server, ServerSettings.of(method, 1));
        return this;
    }

    /** Adds a virtual service with one real server. */
    public WorkerBench service(
            ServiceId id, ServiceSettings settings, ForwardingMethod method, int serverPort) {
        worker.director().addService(id, settings);
        ServerId server = new ServerId(address(SERVER), serverPort);
        worker.director().addServer(id, server, ServerSettings.of(method, 1));
        return this;
    }

    public Worker worker() {
        return worker;
    }

    /** Faults reported so far. */
    public List<Throwable> faults() {
        return faults;
    }

    public long drops(DropReason reason) {
        return worker.drops().get(reason);
    }

    public long now() {
        return nowMillis;
    }

    /** Lets time pass in steps of 10 ms. */
    public void pass(long millis) {
        long end = nowMillis + millis;
        while (nowMillis < end) {
            nowMillis = Math.min(end, nowMillis + 10);
            run();
        }
    }

    /** Lets time pass and runs the worker once, so that it has no break. */
    public void cycle(long millis) {
        nowMillis += millis;
        worker.runOnce();
    }

    /** Runs the worker until it has nothing to do. */
    public void run() {
        for (int cycles = 0; worker.runOnce() > 0; cycles++) {
            if (cycles > 100_000) {
                throw new AssertionError("the worker does not come to rest");
            }
        }
    }

    /** Lets a frame arrive without running the worker. */
    public void inject(int link, byte[] frame) {
        if (!(link == CLI ? cli : srv).inject(frame)) {
            throw new AssertionError("the frame did not fit into the link");
        }
    }

    /**
     * Lets a frame arrive at the client side's link that never saw a wire: its checksum is still to
     * be filled in, and if {@code segmentBytes} is not 0, TCP segments with so much payload are
     * still to be cut.
     */
    public void injectOffloaded(byte[] frame, int segmentBytes) {
        injectOffloaded(frame, VnetHeader.GSO_TCPV4, segmentBytes);
    }

    /** The same with segments of another kind, one of {@link VnetHeader}'s. */
    public void injectOffloaded(byte[] frame, int kind, int segmentBytes) {
        try (NativeBlock block = new NativeBlock(frame.length + 64L)) {
            long vnet = block.address();
            VnetHeader.clear(vnet);
            VnetHeader.setFlags(vnet, VnetHeader.NEEDS_CHECKSUM);
            if (segmentBytes != 0) {
                VnetHeader.setGsoType(vnet, kind);
                VnetHeader.setGsoSize(vnet, segmentBytes);
            }
            Memory.copyIn(frame, 0, vnet + 64, frame.length);
            MemoryPort network = ((MemoryPort) cli.port()).peer();
            if (!network.transmit(vnet + 64, frame.length, vnet)) {
                throw new AssertionError("the frame did not fit into the link");
            }
            network.flush();
        }
    }

    /** Lets a frame arrive and returns all frames that leave, in words, with the link before. */
    public List<String> send(int link, byte[] frame) {
        inject(link, frame);
        run();
        return words();
    }

    /** A client's frame: addressed to the balancer. */
    public List<String> fromClient(FrameBuilder packet) {
        return send(CLI, packet.macs("02:00:00:00:01:0b", CLI_MAC).bytes());
    }

    /** A server's frame: addressed to the balancer. */
    public List<String> fromServer(FrameBuilder packet) {
        return send(SRV, packet.macs("02:00:00:00:02:0b", SRV_MAC).bytes());
    }

    /** Lets frames arrive together and returns all frames that leave, in words. */
    public List<String> send(int link, List<byte[]> frames) {
        for (byte[] frame : frames) {
            inject(link, frame);
        }
        run();
        return words();
    }

    /** The frames that have left and were not looked at, in words; "cli" first. */
    public List<String> words() {
        List<String> words = new ArrayList<>();
        for (byte[] frame : frames(CLI)) {
            words.add("cli " + FrameWords.frame(frame));
        }
        for (byte[] frame : frames(SRV)) {
            words.add("srv " + FrameWords.frame(frame));
        }
        return words;
    }

    /** The frames that have left by a link and were not looked at. */
    public List<byte[]> frames(int link) {
        MemoryLink from = link == CLI ? cli : srv;
        List<byte[]> frames = new ArrayList<>();
        for (byte[] frame = from.poll(); frame != null; frame = from.poll()) {
            frames.add(frame);
        }
        return frames;
    }

    @Override
    public void close() {
        worker.close();
        cli.close();
        srv.close();
        cli.port().close();
        srv.port().close();
    }
}
