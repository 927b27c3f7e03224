package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.director.WorkerShare;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.GuardedPort;
import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.worker.StepByStep;
import io.weir.dataplane.worker.Worker;
import io.weir.dataplane.worker.WorkerOptions;
import io.weir.dr.BypassForwarder;
import io.weir.dr.DirectRouteForwarder;
import io.weir.dr.TunnelForwarder;
import io.weir.nat.MasqueradeForwarder;
import io.weir.nat.ftp.FtpGateway;
import io.weir.schedulers.Schedulers;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * The fast path against the steps it stands for: two workers get the same traffic, rules, news and
 * time, one of them without a fast path, and must not differ in a frame, a count or a connection.
 */
final class FastPathTest {
    private static final int CLIENTS = 1;
    private static final int SERVERS = 2;
    private static final int BURSTS = 4_000;
    private static final int[] PORTS = {80, 81, 82, 83, 21, 53, 54, 55};
    private static final int[] SERVER_PORTS = {8080, 8080, 83, 21, 5353, 5353, 80, 55};
    private static final byte[] NO_VNET = {};

    private static final List<Half> HALVES = new ArrayList<>();

    private final Random random = Seed.ofThisRun().random();
    private final PacketMess mess = new PacketMess(random);
    private int id;

    /** One of the two. */
    private static final class Half implements AutoCloseable {
        final GuardedPort[] ports = {new GuardedPort("cli", CLIENTS), new GuardedPort("srv", 2)};
        final List<Throwable> faults = new ArrayList<>();
        Worker worker = worker();
        long now = 1_000;

        private Worker worker() {
            return new Worker(
                    new WorkerOptions(
                            256,
                            4,
                            true,
                            true,
                            0,
                            new Schedulers(),
                            List.of(
                                    context -> new MasqueradeForwarder(),
                                    context -> new DirectRouteForwarder(),
                                    context -> new BypassForwarder(),
                                    TunnelForwarder::new),
                            FtpGateway::new,
                            EndpointSteering.NONE,
                            null,
                            () -> now,
                            () -> now,
                            new SplittableRandom(7),
                            faults::add,
                            WorkerShare.ALONE));
        }

        List<String> run(int cycles) {
            for (int i = 0; i < cycles; i++) {
                worker.runOnce();
            }
            List<String> sent = new ArrayList<>();
            for (GuardedPort port : ports) {
                for (byte[] frame : port.takeSent()) {
                    sent.add(port.name() + " " + FrameWords.frame(frame));
                }
            }
            return sent;
        }

        List<ConnectionListing> connections() {
            List<ConnectionListing> all = new ArrayList<>();
            worker.director().connections(all::add);
            return all;
        }

        @Override
        public void close() {
            worker.close();
            ports[0].close();
            ports[1].close();
        }
    }

    @BeforeAll
    static void open() {
        HALVES.add(new Half());
        HALVES.add(new Half());
        StepByStep.only(HALVES.getLast().worker);
        for (Half half : HALVES) {
            half.worker.pipeline().ports().add(new LinkPort(half.ports[0], link(CLIENTS, 1500)));
            half.worker.pipeline().ports().add(new LinkPort(half.ports[1], link(SERVERS, 1500)));
            half.worker.pipeline().networkChanged(network(1500, true));
        }
    }

    @AfterAll
    static void close() {
        HALVES.forEach(Half::close);
    }

    private static Link link(int index, int mtu) {
        return new Link(index, "port" + index, 0x0200_0000_0000L | index, mtu, true, true);
    }

    private static NetworkSnapshot network(int serverMtu, boolean defaultRoute) {
        List<LinkAddress> addresses =
                List.of(
                        new LinkAddress(address("10.1.0.1"), 24, CLIENTS),
                        new LinkAddress(address(PacketMess.VIP), 32, CLIENTS),
                        new LinkAddress(address("10.2.0.1"), 24, SERVERS));
        List<Route> routes = new ArrayList<>(ConnectedRoutes.of(addresses));
        routes.add(route("127.0.0.0", 8, null, Route.Kind.LOCAL));
        if (defaultRoute) {
            routes.add(route("0.0.0.0", 0, address("10.1.0.254"), Route.Kind.UNICAST));
        }
        return new NetworkSnapshot(
                List.of(link(CLIENTS, 1500), link(SERVERS, serverMtu)), addresses, routes);
    }

    private static Route route(String prefix, int length, IpAddress gateway, Route.Kind kind) {
        return new Route(address(prefix), length, gateway, CLIENTS, 0, kind, null);
    }

    private static IpAddress address(String text) {
        IpAddress parsed = IpAddress.parse(text);
        if (parsed == null) {
            throw new IllegalArgumentException(text);
        }
        return parsed;
    }

    @Test
    void makesNoDifferenceToTheStepsItStandsFor() {
        for (int host = 1; host < 16; host++) {
            neighbour(CLIENTS, "10.1.0." + host, NeighbourEntry.State.USABLE, 0x100 | host);
            neighbour(SERVERS, "10.2.0." + host, NeighbourEntry.State.USABLE, 0x200 | host);
        }
        neighbour(CLIENTS, "10.1.0.254", NeighbourEntry.State.USABLE, 0x1fe);
        rules();
        answerWithinABurst();
        for (int burst = 0; burst < BURSTS; burst++) {
            List<String> frames = List.of();
            if (random.nextInt(20) == 0) {
                changeSomething();
            } else {
                frames = arrive(CLIENTS + random.nextInt(2));
            }
            long passing = random.nextInt(200) == 0 ? random.nextInt(70_000) : random.nextInt(30);
            both(half -> half.now += passing);
            compare("burst " + burst + " of " + Seed.ofThisRun() + ": " + frames);
        }
        long quick = StepByStep.quick(HALVES.getFirst().worker);
        assertThat(quick).as("packets of the fast path").isGreaterThan(BURSTS / 2);
        assertThat(StepByStep.quick(HALVES.getLast().worker)).isZero();
    }

    private void compare(String what) {
        Half with = HALVES.getFirst();
        Half without = HALVES.getLast();
        int cycles = 1 + random.nextInt(3);
        assertThat(with.run(cycles)).as(what).isEqualTo(without.run(cycles));
        assertThat(with.worker.drops().snapshot())
                .as(what)
                .isEqualTo(without.worker.drops().snapshot());
        assertThat(with.worker.director().services())
                .as(what)
                .isEqualTo(without.worker.director().services());
        assertThat(with.worker.director().totals())
                .as(what)
                .isEqualTo(without.worker.director().totals());
        assertThat(with.connections()).as(what).isEqualTo(without.connections());
        assertThat(with.faults).as(what).isEmpty();
        assertThat(without.faults).as(what).isEmpty();
    }

    private static void both(Consumer<Half> change) {
        HALVES.forEach(change);
    }

    private List<String> arrive(int link) {
        List<String> frames = new ArrayList<>();
        int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 64 : 12);
        byte[] vnet = random.nextInt(4) == 0 ? vnetHeader() : NO_VNET;
        for (int i = 0; i < count; i++) {
            id = (id + 1) & 0xffff;
            byte[] frame = random.nextInt(5) == 0 ? mess.next(link, id) : plain(link);
            frames.add(FrameWords.frame(frame));
            both(half -> half.ports[link - 1].arrive(frame.clone(), vnet.clone()));
        }
        return frames;
    }

    // Nobody was known as a server before this burst, which has a server's answer in it.
    private void answerWithinABurst() {
        String client = "192.0.2.9";
        List<FrameBuilder> packets = new ArrayList<>();
        packets.add(Frames.udp().from(client, 4000).to(PacketMess.VIP, 53));
        for (int host = 11; host < 14; host++) {
            packets.add(Frames.udp().from("10.2.0." + host, 5353).to(client, 4000));
        }
        for (FrameBuilder packet : packets) {
            byte[] frame = framed(packet, SERVERS, new byte[9]);
            both(half -> half.ports[SERVERS - 1].arrive(frame.clone(), NO_VNET));
        }
        compare("a server's answer within the burst that began the connection");
    }

    private byte[] vnetHeader() {
        if (random.nextInt(4) == 0) {
            return mess.nextVnetHeader();
        }
        byte[] vnet = new byte[VnetHeader.BYTES];
        vnet[0] = (byte) random.nextInt(3);
        return vnet;
    }

    /** A packet of one of few connections, mostly one that changes nothing. */
    private byte[] plain(int link) {
        boolean udp = random.nextInt(3) == 0;
        FrameBuilder packet = udp ? Frames.udp() : tcp();
        String client =
                random.nextBoolean()
                        ? "10.1.0." + (2 + random.nextInt(4))
                        : "192.0.2." + (1 + random.nextInt(3));
        int clientPort = 4000 + random.nextInt(3);
        if (link == CLIENTS) {
            packet.from(client, clientPort).to(PacketMess.VIP, PORTS[random.nextInt(PORTS.length)]);
        } else {
            packet.from(
                            "10.2.0." + (11 + random.nextInt(4)),
                            SERVER_PORTS[random.nextInt(SERVER_PORTS.length)])
                    .to(client, clientPort);
        }
        if (random.nextInt(20) == 0) {
            packet.dontFragment();
        }
        packet.ttl(random.nextInt(20) == 0 ? random.nextInt(3) : 64);
        return framed(packet, link, random.nextInt(8) == 0 ? ftp(link) : payload());
    }

    private byte[] framed(FrameBuilder packet, int link, byte[] payload) {
        return packet.macs("02:00:00:00:09:09", "02:00:00:00:00:0" + link)
                .id(id)
                .payload(payload)
                .bytes();
    }

    private byte[] payload() {
        byte[] payload = new byte[random.nextInt(random.nextInt(12) == 0 ? 1450 : 40)];
        random.nextBytes(payload);
        return payload;
    }

    // What a gateway that follows FTP translates.
    private byte[] ftp(int link) {
        String text =
                link == CLIENTS
                        ? "PORT 10,1,0," + (2 + random.nextInt(4)) + ",4,1\r\n"
                        : "227 Entering Passive Mode (10,2,0,%d,4,1).\r\n"
                                .formatted(11 + random.nextInt(3));
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private FrameBuilder tcp() {
        FrameBuilder tcp = Frames.tcp().seq(random.nextInt());
        return switch (random.nextInt(24)) {
            case 0 -> tcp.fin().ack(1);
            case 1 -> tcp.rst();
            case 2 -> tcp.flags(random.nextInt(256));
            case 3, 4 -> tcp.syn().ack(1);
            case 5, 6, 7 -> tcp.syn();
            case 8 -> tcp.psh().ack(5);
            default -> tcp.ack(random.nextInt());
        };
    }

    private void rules() {
        service(ServiceId.TCP, 80, 0, false, ForwardingMethod.MASQUERADE, 8080);
        service(ServiceId.TCP, 81, 0, false, ForwardingMethod.ROUTE, 81);
        service(ServiceId.TCP, 82, 0, false, ForwardingMethod.TUNNEL, 82);
        service(ServiceId.TCP, 83, 60, false, ForwardingMethod.MASQUERADE, 83);
        service(ServiceId.TCP, 21, 0, false, ForwardingMethod.MASQUERADE, 21);
        service(ServiceId.UDP, 53, 0, false, ForwardingMethod.MASQUERADE, 5353);
        service(ServiceId.UDP, 54, 10, false, ForwardingMethod.ROUTE, 54);
        service(ServiceId.UDP, 55, 0, true, ForwardingMethod.MASQUERADE, 55);
        service(ServiceId.UDP, 80, 10, false, ForwardingMethod.MASQUERADE, 80);
    }

    private void service(
            int protocol, int port, int persistent, boolean once, ForwardingMethod to, int toPort) {
        ServiceId service = ServiceId.of(protocol, address(PacketMess.VIP), port);
        both(
                half ->
                        half.worker
                                .director()
                                .addService(
                                        service,
                                        new ServiceSettings("rr", 0, persistent, -1, once, null)));
        for (int host = 11; host < 14; host++) {
            ServerId server = new ServerId(address("10.2.0." + host), toPort);
            both(
                    half ->
                            half.worker
                                    .director()
                                    .addServer(service, server, ServerSettings.of(to, 1)));
        }
    }

    private void changeSomething() {
        int host = 11 + random.nextInt(4);
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> changeServer(host);
            case 3 -> {
                long value = random.nextInt(2);
                Sysctl[] some = {
                    Sysctl.EXPIRE_NODEST_CONN,
                    Sysctl.SECURE_TCP,
                    Sysctl.SLOPPY_TCP,
                    Sysctl.NAT_ICMP_SEND
                };
                Sysctl changed = some[random.nextInt(some.length)];
                both(half -> half.worker.director().sysctls().set(changed, value));
            }
            case 4 -> {
                int seconds = 1 + random.nextInt(900);
                both(half -> half.worker.director().setTimeouts(new Timeouts(seconds, 0, 300)));
            }
            case 5, 6 -> {
                NeighbourEntry.State[] states = NeighbourEntry.State.values();
                NeighbourEntry.State state =
                        random.nextInt(3) == 0
                                ? states[random.nextInt(states.length)]
                                : NeighbourEntry.State.USABLE;
                boolean server = random.nextBoolean();
                int number = server ? host : 2 + random.nextInt(4);
                int usual = (server ? 0x200 : 0x100) | number;
                int mac = random.nextBoolean() ? usual : random.nextInt(0x10000);
                String at = (server ? "10.2.0." : "10.1.0.") + number;
                neighbour(server ? SERVERS : CLIENTS, at, state, mac);
            }
            case 7 -> {
                int mtu = random.nextInt(3) == 0 ? 600 : 1500;
                boolean routed = random.nextInt(6) != 0;
                both(half -> half.worker.pipeline().networkChanged(network(mtu, routed)));
            }
            case 8 -> tooBig(host);
            case 9 -> {
                both(half -> half.worker.director().clear());
                rules();
            }
            default -> {
                neighbour(CLIENTS, "10.1.0.254", NeighbourEntry.State.USABLE, 0x1fe);
                neighbour(SERVERS, "10.2.0." + host, NeighbourEntry.State.USABLE, 0x200 | host);
                both(half -> half.worker.pipeline().networkChanged(network(1500, true)));
            }
        }
    }

    private void changeServer(int host) {
        int[] tcp = {80, 81, 82, 83, 21};
        int[] at = {8080, 81, 82, 83, 21};
        ForwardingMethod[] by = {
            ForwardingMethod.MASQUERADE,
            ForwardingMethod.ROUTE,
            ForwardingMethod.TUNNEL,
            ForwardingMethod.MASQUERADE,
            ForwardingMethod.MASQUERADE
        };
        int chosen = random.nextInt(tcp.length);
        ServiceId service = ServiceId.of(ServiceId.TCP, address(PacketMess.VIP), tcp[chosen]);
        ServerId server = new ServerId(address("10.2.0." + host), at[chosen]);
        int weight = random.nextInt(3);
        ServerSettings settings = ServerSettings.of(by[chosen], weight);
        switch (random.nextInt(6)) {
            case 0 -> both(half -> half.worker.director().deleteServer(service, server));
            case 1 -> both(half -> half.worker.director().drainServer(service, server, true));
            case 2 -> both(half -> half.worker.director().drainServer(service, server, false));
            case 3 -> both(half -> half.worker.director().editServer(service, server, settings));
            case 4 -> both(half -> half.worker.director().zero(service));
            default -> both(half -> half.worker.director().addServer(service, server, settings));
        }
    }

    // A router behind which a server lies says how long packets to it may be.
    private void tooBig(int host) {
        byte[] quoted =
                Frames.tcp()
                        .from("10.1.0.2", 4000)
                        .to("10.2.0." + host, 8080)
                        .ack(1)
                        .dontFragment()
                        .payload(new byte[64])
                        .packet();
        byte[] frame =
                Frames.icmp(3, 4, 700)
                        .from("10.2.0." + host)
                        .to("10.1.0.2")
                        .payload(quoted)
                        .macs("02:00:00:00:09:09", "02:00:00:00:00:02")
                        .bytes();
        both(half -> half.ports[1].arrive(frame.clone(), NO_VNET));
    }

    private static void neighbour(int link, String at, NeighbourEntry.State state, int mac) {
        both(
                half ->
                        half.worker
                                .pipeline()
                                .neighbourChanged(
                                        new NeighbourEntry(
                                                link,
                                                address(at),
                                                state,
                                                0x0200_0000_0000L | mac)));
    }
}
