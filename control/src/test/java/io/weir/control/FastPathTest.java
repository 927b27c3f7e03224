package io.weir.control;

import static io.weir.control.FastPathPair.CLIENTS;
import static io.weir.control.FastPathPair.SERVERS;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The fast path against the steps it stands for: two workers get the same traffic, rules, news and
 * time, one of them without a fast path, and must not differ in a frame, a count or a connection.
 */
final class FastPathTest {
    private static final int BURSTS = 4_000;
    private static final int[] PORTS = {80, 81, 82, 83, 21, 53, 54, 55};
    private static final int[] SERVER_PORTS = {8080, 8080, 83, 21, 5353, 5353, 80, 55};
    private static final byte[] NO_VNET = {};

    private final Random random = Seed.ofThisRun().random();
    private final PacketMess mess = new PacketMess(random);
    private final FastPathPair pair = new FastPathPair();
    private int id;

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void makesNoDifferenceToTheStepsItStandsFor() {
        neighbours();
        pair.rules();
        answerWithinABurst();
        for (int burst = 0; burst < BURSTS; burst++) {
            List<String> frames = List.of();
            if (random.nextInt(20) == 0) {
                changeSomething();
            } else {
                frames = arrive(CLIENTS + random.nextInt(2));
            }
            long passing = random.nextInt(200) == 0 ? random.nextInt(70_000) : random.nextInt(30);
            pair.both(half -> half.now += passing);
            compare("burst " + burst + " of " + Seed.ofThisRun() + ": " + frames);
        }
        assertThat(pair.quick()).as("packets of the fast path").isGreaterThan(BURSTS / 2);
    }

    // Routers say so of tunnels' packets only; it then holds for all packets to that server.
    @Test
    void packetsForServersBehindShorterPathsAreNoLongerPlain() {
        neighbours();
        pair.rules();
        for (int clientPort = 5000; clientPort < 5006; clientPort++) {
            for (int port : new int[] {80, 81, 82}) {
                fromClient(client(clientPort, port).syn(), 0);
                fromClient(client(clientPort, port).ack(1), 0);
            }
        }
        sendLongPackets("the link's MTU");
        long quick = pair.quick();
        assertThat(quick).as("long packets of the fast path").isPositive();
        for (int host = 11; host < 14; host++) {
            for (int clientPort = 5000; clientPort < 5006; clientPort++) {
                tunnelTooBig(host, clientPort);
            }
        }
        compare("routers tell of shorter paths");
        long told = pair.quick();
        sendLongPackets("a shorter path");
        assertThat(pair.quick()).as("packets of the fast path").isEqualTo(told);
    }

    // A router behind which a server lies says how long a tunnel's packets to it may be.
    private void tunnelTooBig(int host, int clientPort) {
        byte[] outer =
                Frames.ip(Ipv4.PROTOCOL_IPIP)
                        .from("10.2.0.1")
                        .to("10.2.0." + host)
                        .payload(client(clientPort, 82).ack(1).payload(new byte[900]).packet())
                        .packet();
        FrameBuilder error = Frames.icmp(3, 4, 700).from("10.2.0.9").to("10.2.0.1");
        pair.arrive(SERVERS, framed(error, SERVERS, outer));
    }

    private void sendLongPackets(String what) {
        for (int clientPort = 5000; clientPort < 5006; clientPort++) {
            for (int port : new int[] {80, 81}) {
                fromClient(client(clientPort, port).ack(1), 1000);
            }
        }
        compare("long packets and " + what);
    }

    private void fromClient(FrameBuilder packet, int bytes) {
        pair.arrive(CLIENTS, framed(packet, CLIENTS, new byte[bytes]));
        compare(bytes + " bytes of a client");
    }

    private static FrameBuilder client(int clientPort, int port) {
        return Frames.tcp().from("10.1.0.2", clientPort).to(PacketMess.VIP, port);
    }

    private void neighbours() {
        for (int host = 1; host < 16; host++) {
            pair.neighbour(CLIENTS, "10.1.0." + host, NeighbourEntry.State.USABLE, 0x100 | host);
            pair.neighbour(SERVERS, "10.2.0." + host, NeighbourEntry.State.USABLE, 0x200 | host);
        }
        pair.neighbour(CLIENTS, "10.1.0.254", NeighbourEntry.State.USABLE, 0x1fe);
    }

    private void compare(String what) {
        pair.compare(1 + random.nextInt(3), what);
    }

    private List<String> arrive(int link) {
        List<String> frames = new ArrayList<>();
        int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 64 : 12);
        byte[] vnet = random.nextInt(4) == 0 ? vnetHeader() : NO_VNET;
        for (int i = 0; i < count; i++) {
            id = (id + 1) & 0xffff;
            byte[] frame = random.nextInt(5) == 0 ? mess.next(link, id) : plain(link);
            frames.add(FrameWords.frame(frame));
            pair.arrive(link, frame, vnet);
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
            pair.arrive(SERVERS, frame);
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
                pair.both(half -> half.worker.director().sysctls().set(changed, value));
            }
            case 4 -> {
                int seconds = 1 + random.nextInt(900);
                pair.both(
                        half -> half.worker.director().setTimeouts(new Timeouts(seconds, 0, 300)));
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
                pair.neighbour(server ? SERVERS : CLIENTS, at, state, mac);
            }
            case 7 -> {
                int mtu = random.nextInt(3) == 0 ? 600 : 1500;
                boolean routed = random.nextInt(6) != 0;
                pair.network(mtu, routed);
            }
            case 8 -> {
                tooBig(host);
                tunnelTooBig(host, 4000 + random.nextInt(3));
            }
            case 9 -> {
                pair.both(half -> half.worker.director().clear());
                pair.rules();
            }
            default -> {
                pair.neighbour(CLIENTS, "10.1.0.254", NeighbourEntry.State.USABLE, 0x1fe);
                pair.neighbour(
                        SERVERS, "10.2.0." + host, NeighbourEntry.State.USABLE, 0x200 | host);
                pair.network(1500, true);
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
        ServiceId service =
                ServiceId.of(ServiceId.TCP, FastPathPair.address(PacketMess.VIP), tcp[chosen]);
        ServerId server = new ServerId(FastPathPair.address("10.2.0." + host), at[chosen]);
        int weight = random.nextInt(3);
        ServerSettings settings = ServerSettings.of(by[chosen], weight);
        switch (random.nextInt(6)) {
            case 0 -> pair.both(half -> half.worker.director().deleteServer(service, server));
            case 1 -> pair.both(half -> half.worker.director().drainServer(service, server, true));
            case 2 -> pair.both(half -> half.worker.director().drainServer(service, server, false));
            case 3 ->
                    pair.both(half -> half.worker.director().editServer(service, server, settings));
            case 4 -> pair.both(half -> half.worker.director().zero(service));
            default ->
                    pair.both(half -> half.worker.director().addServer(service, server, settings));
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
        pair.arrive(SERVERS, frame);
    }
}
