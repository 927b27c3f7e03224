package io.weir.control.warmup;

import io.weir.control.Balancer;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A balancer between clients, behind a router, and servers that exist in memory alone, with
 * addresses that are kept for benchmarks (RFC 2544, RFC 5180).
 *
 * <p>The virtual machine compiles what it has seen and no more: a branch that only real traffic
 * takes throws the compiled code away, just when that traffic comes. So there is a little of
 * everything that is usual: checksums that a sender has left to the network, neighbours to be asked
 * again, frames of different lengths, clients that reset.
 */
final class MadeUpNetwork implements AutoCloseable {
    private static final int CONNECTIONS = 1 << 13;
    private static final int CLIENTS = 1 << 12;
    private static final int FLOWS_PER_SERVICE = 64;
    private static final int BURST = 64;
    private static final int FIRST_PORT = 10_000;
    private static final int PORTS = 50_000;
    private static final int MOST_DATA_BYTES = 300;
    private static final int MOST_TURNS = 100;

    /** So that there are ends of connections and looks at flows as often as there would be. */
    private static final int MILLIS_OF_EXCHANGE = 20;

    private static final String TIMEOUT_SECONDS = "10";

    /** Exchanges between two news of neighbours. */
    private static final int NEWS = 8;

    private static final long BALANCER_MAC = 0x0200_0000_0000L;
    private static final long ROUTER_MAC = 0x0200_0000_0100L;
    private static final long SERVER_MAC = 0x0200_0000_0200L;
    private static final IpAddress VIRTUAL = address("198.18.0.200");
    private static final IpAddress VIRTUAL_IPV6 = address("2001:2::200");
    private static final String ROUTER = "198.18.0.9";
    private static final String ROUTER_IPV6 = "2001:2::9";

    private final Balancer balancer =
            Balancer.builder()
                    .connections(CONNECTIONS)
                    .fragmentedDatagrams(1)
                    .clock(() -> this.millis)
                    .build();
    private final MemoryLink clients =
            balancer.attachMemory(
                    "clients",
                    BALANCER_MAC + 1,
                    "198.18.0.1/24",
                    VIRTUAL + "/32",
                    "2001:2::1/64",
                    VIRTUAL_IPV6 + "/128");
    private final MemoryLink servers =
            balancer.attachMemory("servers", BALANCER_MAC + 2, "198.18.1.1/24", "2001:2:0:1::1/64");
    private final List<Flow> flows = new ArrayList<>();
    private final List<NeighbourEntry> neighbours = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom();
    private final @Nullable MadeUpKernel kernel;
    private long millis;
    private long packets;
    private long nanos;

    /** A client that opens one connection after the other, to one service. */
    private final class Flow {
        private static final int MOST_STEPS = 12;

        private final IpAddress virtual;
        private final int virtualPort;
        private final int protocol;
        private MadeUpFrame first;
        private int left;

        Flow(IpAddress virtual, int virtualPort, int protocol) {
            this.virtual = virtual;
            this.virtualPort = virtualPort;
            this.protocol = protocol;
            first = begin();
        }

        private MadeUpFrame begin() {
            left = 2 + random.nextInt(MOST_STEPS);
            return new MadeUpFrame(
                    BALANCER_MAC + 1,
                    ROUTER_MAC,
                    client(virtual.ipv6(), random.nextInt(CLIENTS)),
                    virtual,
                    protocol,
                    FIRST_PORT + random.nextInt(PORTS),
                    virtualPort,
                    MadeUpFrame.SYN,
                    MadeUpFrame.LEAST_TRANSPORT_BYTES + random.nextInt(MOST_DATA_BYTES));
        }

        MadeUpFrame next() {
            MadeUpFrame frame = first;
            if (--left == 0) {
                boolean resets = random.nextInt(8) == 0;
                frame = first.with(resets ? MadeUpFrame.RST : MadeUpFrame.FIN | MadeUpFrame.ACK);
                first = begin();
            } else if (frame.flags() == MadeUpFrame.SYN) {
                first = first.with(MadeUpFrame.ACK);
            }
            return frame;
        }
    }

    /**
     * Makes it.
     *
     * @param offloads whether flows are handed over to the kernel, which only pretends to take them
     */
    MadeUpNetwork(List<TrafficPattern> patterns, boolean offloads) {
        kernel = offloads ? new MadeUpKernel(random.split()) : null;
        if (kernel != null) {
            balancer.offload(kernel.flows());
        }
        balancer.ipvsadm("--set", TIMEOUT_SECONDS, TIMEOUT_SECONDS, TIMEOUT_SECONDS);
        balancer.route(route("127.0.0.0", 8, null, Route.Kind.LOCAL));
        balancer.route(route("0.0.0.0", 0, ROUTER, Route.Kind.UNICAST));
        balancer.route(route("::", 0, ROUTER_IPV6, Route.Kind.UNICAST));
        neighbour(clients, ROUTER, ROUTER_MAC);
        neighbour(clients, ROUTER_IPV6, ROUTER_MAC);
        for (int i = 0; i < patterns.size(); i++) {
            service(patterns.get(i), i);
        }
    }

    private Route route(String network, int length, @Nullable String gateway, Route.Kind kind) {
        IpAddress via = gateway == null ? null : address(gateway);
        int link = clients.port().linkIndex();
        return new Route(address(network), length, via, link, 0, kind, null);
    }

    private void neighbour(MemoryLink link, String address, long mac) {
        NeighbourEntry.State state = NeighbourEntry.State.USABLE;
        neighbours.add(new NeighbourEntry(link.port().linkIndex(), address(address), state, mac));
        balancer.neighbourChanged(neighbours.getLast());
    }

    private static IpAddress client(boolean ipv6, int number) {
        return ipv6
                ? IpAddress.v6(0x2001_0002_0000_0002L, number)
                : IpAddress.v4(198 << 24 | 18 << 16 | 16 << 8 | number);
    }

    private static String server(boolean ipv6, int number) {
        return ipv6 ? "2001:2:0:1::" + (10 + number) : "198.18.1." + (10 + number);
    }

    private void service(TrafficPattern pattern, int number) {
        boolean ipv6 = pattern.ipv6();
        IpAddress virtual = ipv6 ? VIRTUAL_IPV6 : VIRTUAL;
        int port = FIRST_PORT + number;
        ServiceId id = ServiceId.of(pattern.protocol(), virtual, port);
        Administration rules = balancer.administration();
        if (rules.addService(id, pattern.service()) != RuleResult.DONE) {
            return;
        }
        for (int i = 0; i < 2; i++) {
            String address = server(ipv6, 2 * number + i);
            neighbour(servers, address, SERVER_MAC + 2L * number + i);
            rules.addServer(id, new ServerId(address(address), port), pattern.server());
        }
        for (int i = 0; i < FLOWS_PER_SERVICE; i++) {
            flows.add(new Flow(virtual, port, pattern.protocol()));
        }
    }

    private static IpAddress address(String text) {
        IpAddress parsed = IpAddress.parse(text);
        if (parsed == null) {
            throw new IllegalArgumentException(text);
        }
        return parsed;
    }

    /** Lets some clients send and servers answer, and the balancer forward all of it. */
    void exchange() {
        millis += MILLIS_OF_EXCHANGE;
        if (kernel != null) {
            kernel.pass();
        }
        if (random.nextInt(NEWS) == 0) {
            tellOfNeighbour();
        }
        int burst = 1 + random.nextInt(random.nextBoolean() ? 4 : BURST);
        int sent = 0;
        for (int i = 0; i < burst; i++) {
            sent += inject(clients, flows.get(random.nextInt(flows.size())).next());
        }
        forward(sent);
        sent = 0;
        for (byte[] frame = servers.poll(); frame != null; frame = servers.poll()) {
            MadeUpFrame request = MadeUpFrame.decode(frame);
            if (request != null && isAnswered(request)) {
                sent += inject(servers, request.answer());
            }
        }
        forward(sent);
        while (clients.poll() != null) {
            // the clients have what they want
        }
    }

    private int inject(MemoryLink link, MadeUpFrame frame) {
        boolean summed = random.nextBoolean();
        byte[] bytes = frame.encode(summed);
        boolean taken =
                summed
                        ? link.inject(bytes)
                        : link.injectUnsummed(
                                bytes, frame.transportOffset(), frame.checksumOffset());
        return taken ? 1 : 0;
    }

    private void tellOfNeighbour() {
        int one = random.nextInt(neighbours.size());
        NeighbourEntry known = neighbours.get(one);
        NeighbourEntry.State state =
                known.state() == NeighbourEntry.State.USABLE
                        ? NeighbourEntry.State.STALE
                        : NeighbourEntry.State.USABLE;
        neighbours.set(
                one, new NeighbourEntry(known.linkIndex(), known.address(), state, known.mac()));
        balancer.neighbourChanged(neighbours.get(one));
    }

    // What was not translated is answered past the balancer.
    private static boolean isAnswered(MadeUpFrame frame) {
        IpAddress virtual = frame.source().ipv6() ? VIRTUAL_IPV6 : VIRTUAL;
        return !frame.destination().equals(virtual) && (frame.flags() & MadeUpFrame.RST) == 0;
    }

    private void forward(int frames) {
        long start = System.nanoTime();
        int turns = 0;
        while (balancer.runOnce() > 0 && turns < MOST_TURNS) {
            turns++;
        }
        nanos += System.nanoTime() - start;
        packets += frames;
    }

    /** How many frames the balancer was given. */
    long packets() {
        return packets;
    }

    /** How long it has worked on them. */
    long nanos() {
        return nanos;
    }

    Balancer balancer() {
        return balancer;
    }

    @Override
    public void close() {
        balancer.close();
        if (kernel != null) {
            kernel.close();
        }
    }
}
