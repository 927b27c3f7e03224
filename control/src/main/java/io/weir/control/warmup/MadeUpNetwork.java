package io.weir.control.warmup;

import io.weir.control.Balancer;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A balancer between clients and servers that exist in memory alone, with addresses that are kept
 * for benchmarks (RFC 2544, RFC 5180).
 */
final class MadeUpNetwork implements AutoCloseable {
    private static final int CONNECTIONS = 1 << 13;
    private static final int CLIENTS = 16;
    private static final int FLOWS_PER_SERVICE = 64;
    private static final int BURST = 64;
    private static final int FIRST_PORT = 10_000;
    private static final int MOST_TURNS = 100;

    private static final long BALANCER_MAC = 0x0200_0000_0000L;
    private static final long CLIENT_MAC = 0x0200_0000_0100L;
    private static final long SERVER_MAC = 0x0200_0000_0200L;
    private static final String VIRTUAL = "198.18.0.200";
    private static final String VIRTUAL_IPV6 = "2001:2::200";

    private final Balancer balancer =
            Balancer.builder().connections(CONNECTIONS).fragmentedDatagrams(1).build();
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
    private final SplittableRandom random = new SplittableRandom();
    private long packets;
    private long nanos;

    /** A client that opens one connection after the other. */
    private static final class Flow {
        private static final int STEPS = 16;

        private final MadeUpFrame first;
        private int port;
        private int step;

        Flow(MadeUpFrame first) {
            this.first = first;
            this.port = first.sourcePort();
        }

        MadeUpFrame next() {
            int flags = step == 0 ? MadeUpFrame.SYN : MadeUpFrame.ACK;
            if (++step == STEPS) {
                flags |= MadeUpFrame.FIN;
                step = 0;
                port += FLOWS_PER_SERVICE;
            }
            return new MadeUpFrame(
                    first.destinationMac(),
                    first.sourceMac(),
                    first.source(),
                    first.destination(),
                    first.protocol(),
                    port,
                    first.destinationPort(),
                    flags);
        }
    }

    MadeUpNetwork(List<TrafficPattern> patterns) {
        // Connections are to end while this runs.
        balancer.ipvsadm("--set", "1", "1", "1");
        for (int i = 0; i < CLIENTS; i++) {
            balancer.neighbour(clients, client(false, i), CLIENT_MAC + i);
            balancer.neighbour(clients, client(true, i), CLIENT_MAC + i);
        }
        for (int i = 0; i < patterns.size(); i++) {
            service(patterns.get(i), i);
        }
    }

    private static String client(boolean ipv6, int number) {
        return ipv6 ? "2001:2::" + (10 + number) : "198.18.0." + (10 + number);
    }

    private static String server(boolean ipv6, int number) {
        return ipv6 ? "2001:2:0:1::" + (10 + number) : "198.18.1." + (10 + number);
    }

    private void service(TrafficPattern pattern, int number) {
        boolean ipv6 = pattern.ipv6();
        IpAddress virtual = address(ipv6 ? VIRTUAL_IPV6 : VIRTUAL);
        int port = FIRST_PORT + number;
        ServiceId id = ServiceId.of(pattern.protocol(), virtual, port);
        Administration rules = balancer.administration();
        if (rules.addService(id, pattern.service()) != RuleResult.DONE) {
            return;
        }
        for (int i = 0; i < 2; i++) {
            String address = server(ipv6, 2 * number + i);
            balancer.neighbour(servers, address, SERVER_MAC + 2L * number + i);
            rules.addServer(id, new ServerId(address(address), port), pattern.server());
        }
        for (int i = 0; i < FLOWS_PER_SERVICE; i++) {
            int client = i % CLIENTS;
            MadeUpFrame first =
                    new MadeUpFrame(
                            BALANCER_MAC + 1,
                            CLIENT_MAC + client,
                            address(client(ipv6, client)),
                            virtual,
                            pattern.protocol(),
                            FIRST_PORT + i,
                            port,
                            0);
            flows.add(new Flow(first));
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
        int burst = 1 + random.nextInt(random.nextBoolean() ? 4 : BURST);
        int sent = 0;
        for (int i = 0; i < burst; i++) {
            byte[] frame = flows.get(random.nextInt(flows.size())).next().encode();
            sent += clients.inject(frame) ? 1 : 0;
        }
        forward(sent);
        sent = 0;
        for (byte[] frame = servers.poll(); frame != null; frame = servers.poll()) {
            MadeUpFrame request = MadeUpFrame.decode(frame);
            if (request != null && isForServer(request)) {
                sent += servers.inject(request.answer().encode()) ? 1 : 0;
            }
        }
        forward(sent);
        while (clients.poll() != null) {
            // the clients have what they want
        }
    }

    // What was not translated is answered past the balancer.
    private static boolean isForServer(MadeUpFrame frame) {
        String virtual = frame.source().ipv6() ? VIRTUAL_IPV6 : VIRTUAL;
        return !frame.destination().equals(address(virtual));
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
    }
}
