package io.weir.control;

import static io.weir.dataplane.testing.WorkerBench.CLI;
import static io.weir.dataplane.testing.WorkerBench.CLI_MAC;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.SERVER_6;
import static io.weir.dataplane.testing.WorkerBench.SRV;
import static io.weir.dataplane.testing.WorkerBench.SRV_MAC;
import static io.weir.dataplane.testing.WorkerBench.VIP;
import static io.weir.dataplane.testing.WorkerBench.VIP_6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.RoutedNetwork;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.KernelTwin;
import io.weir.dataplane.testing.KernelTwin.Sent;
import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.testing.WorkerBench;
import io.weir.dr.DirectRouteForwarder;
import io.weir.nat.MasqueradeForwarder;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A worker whose kernel forwards what it is handed, against one that sees every packet: they get
 * the same traffic, rules, news and time, and must not differ in a frame that leaves, a count or a
 * connection. The table is so small that flows are refused and give way all the time.
 */
final class RandomOffloadTest {
    private static final int STEPS = 20_000;
    private static final int CLIENTS = 3;
    private static final int PORTS = 6;
    private static final ForwardingMethod[] METHODS = {
        ForwardingMethod.MASQUERADE, ForwardingMethod.ROUTE
    };

    private final Random random = Seed.ofThisRun().random();
    private final KernelTwin kernel = new KernelTwin(3, random.nextLong());
    private final WorkerBench with = bench();
    private final WorkerBench without = bench();
    private long byKernel;
    private long byIpv6;
    private long told;
    private int id;

    private static WorkerBench bench() {
        return new WorkerBench(
                context -> new MasqueradeForwarder(), context -> new DirectRouteForwarder());
    }

    @AfterEach
    void close() {
        with.close();
        without.close();
        kernel.close();
    }

    private void both(Consumer<WorkerBench> action) {
        action.accept(with);
        action.accept(without);
    }

    private static ServiceId service(int number, boolean ipv6) {
        int protocol = number % 4 < 2 ? ServiceId.TCP : ServiceId.UDP;
        return ServiceId.of(protocol, WorkerBench.address(ipv6 ? VIP_6 : VIP), 80 + number);
    }

    private static ForwardingMethod method(int number) {
        return METHODS[number % 2];
    }

    private static String server(boolean ipv6) {
        return ipv6 ? SERVER_6 : SERVER;
    }

    private static int serverPort(int number) {
        return number % 2 == 0 && number < 4 ? 8080 + number : 80 + number;
    }

    @Test
    void nothingDiffersFromAWorkerThatSeesEveryPacket() {
        with.worker().pipeline().offload(kernel.table());
        for (int number = 0; number < PORTS; number++) {
            int service = number;
            int protocol = service(number, false).protocol();
            both(
                    bench ->
                            bench.service(
                                            protocol,
                                            80 + service,
                                            method(service),
                                            serverPort(service))
                                    .service6(
                                            protocol,
                                            80 + service,
                                            method(service),
                                            serverPort(service)));
        }
        for (int step = 0; step < STEPS; step++) {
            step();
            if (step % 100 == 0) {
                compare(step);
            }
        }
        compare(STEPS);
        assertThat(byKernel).as("forwarded by the kernel").isGreaterThan(STEPS / 200);
        assertThat(byIpv6).as("of which over IPv6").isGreaterThan(STEPS / 2000);
        assertThat(told).as("of which the worker was told").isPositive();
        both(bench -> bench.pass(300));
        assertThat(with.worker().pipeline().offloaded().packets()).isEqualTo(byKernel);
        assertThat(with.faults()).isEmpty();
        assertThat(without.faults()).isEmpty();
    }

    private void step() {
        int choice = random.nextInt(1000);
        if (choice < 900) {
            packet();
        } else if (choice < 980) {
            // Eight seconds in all: what the kernel has forwarded renews a timer up to a quarter of
            // a
            // second later, so that no connection may end by its shortest timeout, ten seconds.
            int millis = 10 * random.nextInt(2);
            both(bench -> bench.pass(millis));
        } else if (choice < 985) {
            news();
        } else if (choice < 990) {
            rules();
        } else if (choice == 990) {
            network();
        } else if (choice == 991 && random.nextInt(4) == 0) {
            // Everything is over then, whether it was renewed a moment earlier or later.
            both(bench -> bench.pass(1_000_000));
        }
    }

    private void packet() {
        int number = random.nextInt(PORTS);
        boolean ipv6 = random.nextInt(3) == 0;
        String client = (ipv6 ? "fd01::" : "10.1.0.") + (11 + random.nextInt(CLIENTS));
        int port = 4000 + random.nextInt(3);
        boolean reply = method(number) == ForwardingMethod.MASQUERADE && random.nextInt(3) == 0;
        boolean tcp = service(number, ipv6).protocol() == ServiceId.TCP;
        FrameBuilder packet = tcp ? segment(reply) : Frames.udp();
        if (reply) {
            packet.from(server(ipv6), serverPort(number)).to(client, port);
            packet.macs("02:00:00:00:02:0b", SRV_MAC);
        } else {
            packet.from(client, port).to(ipv6 ? VIP_6 : VIP, 80 + number);
            packet.macs("02:00:00:00:01:0b", CLI_MAC);
        }
        packet.ttl(random.nextInt(20) == 0 ? random.nextInt(3) : 64).id(id++ & 0xffff);
        packet.payload(new byte[12 + random.nextInt(random.nextInt(8) == 0 ? 1400 : 100)]);
        if (random.nextInt(20) == 0) {
            if (ipv6) {
                packet.extension(60, new byte[8]);
            } else {
                packet.ipOptions((byte) 1, (byte) 1, (byte) 1, (byte) 0);
            }
        }
        if (!tcp && random.nextInt(10) == 0) {
            packet.noChecksum();
        }
        if (random.nextInt(3) == 0) {
            packet.dontFragment();
        }
        send(reply ? SRV : CLI, packet.bytes());
    }

    private FrameBuilder segment(boolean reply) {
        FrameBuilder segment = Frames.tcp();
        return switch (random.nextInt(100)) {
            case 0, 1, 2 -> segment.ack(7).fin();
            case 3 -> segment.fin();
            case 4 -> segment.rst();
            case 5 -> segment.rst().ack(7);
            case 6, 7, 8, 9 -> reply ? segment.syn().ack(1) : segment.syn();
            default -> segment.ack(7);
        };
    }

    private void send(int link, byte[] frame) {
        // Now and then it has no room to tell of something.
        Sent sent = random.nextInt(100) == 0 ? null : kernel.forward(frame);
        List<String> left = new ArrayList<>();
        if (sent == null) {
            left.addAll(with.send(link, frame));
        } else {
            byKernel++;
            boolean ipv6 = frame[12] == (byte) 0x86;
            byIpv6 += ipv6 ? 1 : 0;
            told += frame[ipv6 ? 20 : 23] == 6 && (frame[ipv6 ? 67 : 47] & 5) != 0 ? 1 : 0;
            left.add((sent.link() == CLI ? "cli " : "srv ") + FrameWords.frame(sent.frame()));
            if (random.nextBoolean()) {
                with.run();
            }
            left.addAll(with.words());
        }
        assertThat(left)
                .as("%s, by the kernel: %s", FrameWords.frame(frame), sent != null)
                .isEqualTo(without.send(link, frame));
    }

    private void news() {
        boolean server = random.nextBoolean();
        boolean ipv6 = random.nextInt(3) == 0;
        int number = 11 + (server ? 0 : random.nextInt(CLIENTS));
        NeighbourEntry.State state =
                switch (random.nextInt(6)) {
                    case 0 -> NeighbourEntry.State.FAILED;
                    case 1 -> NeighbourEntry.State.GONE;
                    default -> NeighbourEntry.State.USABLE;
                };
        String prefix = (ipv6 ? "fd0" : "10.") + (server ? "2" : "1") + (ipv6 ? "::" : ".0.");
        String address = prefix + number;
        long mac = 0x0200_0000_0000L | random.nextInt(3) << 16 | number;
        if (state != NeighbourEntry.State.USABLE) {
            // Let nothing wait for an answer, and the walk notice at its time.
            both(bench -> told(bench, server, address, state, 0));
            both(bench -> bench.pass(300));
            both(bench -> bench.words());
        }
        both(bench -> told(bench, server, address, NeighbourEntry.State.USABLE, mac));
        both(WorkerBench::run);
        assertThat(with.words()).isEqualTo(without.words());
    }

    private static void told(
            WorkerBench bench,
            boolean server,
            String address,
            NeighbourEntry.State state,
            long mac) {
        bench.neighbour(server ? SRV : CLI, address, state, mac);
    }

    private void rules() {
        int number = random.nextInt(PORTS);
        ServiceId service = service(number, random.nextBoolean());
        String address = server(service.address().ipv6());
        ServerId server = new ServerId(WorkerBench.address(address), serverPort(number));
        ServerSettings settings = ServerSettings.of(method(number), random.nextInt(3));
        int what = random.nextInt(4);
        both(
                bench -> {
                    if (what == 0) {
                        bench.worker().director().deleteServer(service, server);
                    } else if (what == 1) {
                        bench.worker().director().zero(service);
                    } else {
                        bench.worker().director().editServer(service, server, settings);
                        bench.worker().director().addServer(service, server, settings);
                    }
                });
    }

    private void network() {
        int mtu = random.nextBoolean() ? 1500 : 700;
        boolean up = random.nextInt(6) > 0;
        List<LinkAddress> addresses =
                List.of(
                        new LinkAddress(WorkerBench.address("10.1.0.1"), 24, CLI),
                        new LinkAddress(WorkerBench.address(VIP), 32, CLI),
                        new LinkAddress(WorkerBench.address("10.2.0.1"), 24, SRV),
                        new LinkAddress(WorkerBench.address("fd01::1"), 64, CLI),
                        new LinkAddress(WorkerBench.address(VIP_6), 128, CLI),
                        new LinkAddress(WorkerBench.address("fd02::1"), 64, SRV));
        NetworkSnapshot snapshot =
                new NetworkSnapshot(
                        List.of(
                                new Link(CLI, "cli", 0x0200_0000_0001L, 1500, true, true),
                                new Link(SRV, "srv", 0x0200_0000_0002L, mtu, up, true)),
                        addresses,
                        ConnectedRoutes.of(addresses));
        both(bench -> bench.worker().pipeline().networkChanged(new RoutedNetwork(snapshot)));
        both(WorkerBench::run);
    }

    private void compare(int step) {
        assertThat(counters(with)).as("step %d", step).isEqualTo(counters(without));
        assertThat(connections(with)).as("step %d", step).isEqualTo(connections(without));
    }

    private static List<String> counters(WorkerBench bench) {
        List<String> all = new ArrayList<>();
        for (int number = 0; number < 2 * PORTS; number++) {
            ServiceId id = service(number % PORTS, number >= PORTS);
            ServiceListing service = bench.worker().director().service(id);
            all.add(CounterWords.of("service " + number, service.counters()));
            service.servers()
                    .forEach(
                            server -> {
                                all.add(CounterWords.of("server", server.counters()));
                                all.add(server.active() + " " + server.inactive());
                            });
        }
        all.add(CounterWords.of("all", bench.worker().director().totals()));
        return all;
    }

    // What is left of the timeout differs by a moment.
    private static List<String> connections(WorkerBench bench) {
        List<String> all = new ArrayList<>();
        Consumer<ConnectionListing> note =
                connection ->
                        all.add(
                                "%d %s:%d %d %s"
                                        .formatted(
                                                connection.protocol(),
                                                connection.client(),
                                                connection.clientPort(),
                                                connection.virtualPort(),
                                                connection.state()));
        bench.worker().director().offloaded().hear();
        bench.worker().director().connections(note);
        all.sort(null);
        return all;
    }
}
