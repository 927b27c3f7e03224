package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.KernelTwin;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** A million packets of every kind cost the worker's thread no byte of heap. */
class ZeroAllocationTest {
    private static final int WARM_UP_PACKETS = 300_000;
    private static final int PACKETS = 1_000_000;
    private static final int RETRIES = 2;
    private static final int BURST = 64;

    /** Time passes faster at first, so that every timer has run out before the count. */
    private static final int WARM_UP_MILLIS = 50;

    private static final int CYCLE_MILLIS = 10;
    private static final String CLI_MAC = "02:00:00:00:00:01";
    private static final String SRV_MAC = "02:00:00:00:00:02";
    private static final String CLIENT = "10.1.0.11";
    private static final String VIP = "10.1.0.100";
    private static final String CLIENT_6 = "fd01::b";
    private static final String VIP_6 = "fd01::100";

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final List<Throwable> faults = new ArrayList<>();
    private long nowMillis = 1_000;
    private final Balancer balancer =
            Balancer.builder()
                    .connections(2048)
                    .clock(() -> nowMillis)
                    .seed(1)
                    .onFault(faults::add)
                    .build();
    private final KernelTwin kernel = new KernelTwin(3, 1);
    private final MemoryLink cli =
            balancer.attachMemory(
                    "cli",
                    0x0200_0000_0001L,
                    "10.1.0.1/24",
                    VIP + "/32",
                    "fd01::1/64",
                    VIP_6 + "/128");
    private final MemoryLink srv =
            balancer.attachMemory("srv", 0x0200_0000_0002L, "10.2.0.1/24", "fd02::1/64");

    /** A frame that arrives again and again; its client port may change each time. */
    private static final class Traffic {
        final MemoryLink link;
        final byte[] frame;
        final boolean newPort;

        Traffic(MemoryLink link, byte[] frame, boolean newPort) {
            this.link = link;
            this.frame = frame;
            this.newPort = newPort;
        }
    }

    private final List<Traffic> traffic = new ArrayList<>();
    private int port;
    private boolean ipv6InKernel;

    @AfterEach
    void close() {
        balancer.close();
        kernel.close();
    }

    @Test
    void packetsCostNoHeap() {
        balancer.offload(kernel.tables());
        rules();
        neighbours();
        established();
        establishedIpv6();
        news();
        oddities();
        odditiesIpv6();
        fragments();
        run(WARM_UP_PACKETS, WARM_UP_MILLIS);
        // A branch taken for the first time throws compiled code away, and until it is compiled
        // anew the interpreter may allocate; whatever a packet costs would be there every time.
        long before = forwarded();
        long allocated = run(PACKETS, CYCLE_MILLIS);
        for (int again = 0; again < RETRIES && allocated != 0; again++) {
            before = forwarded();
            allocated = run(PACKETS, CYCLE_MILLIS);
        }
        assertThat(allocated).as("bytes allocated for %,d packets", PACKETS).isZero();
        assertThat(faults).isEmpty();
        assertThat(ipv6InKernel).as("flows over IPv6 were handed over").isTrue();
        assertThat(forwarded() - before).isGreaterThan(PACKETS / 2);
        assertThat(balancer.ipvsadm("-Lnc").output()).contains("[fd01::b]:4000");
        assertThat(balancer.drops())
                .containsKeys(
                        DropReason.TTL_EXCEEDED,
                        DropReason.IP_CHECKSUM_WRONG,
                        DropReason.HOST_CONSUMED,
                        DropReason.REASSEMBLY_TIMEOUT,
                        DropReason.HALF_OPEN_EVICTED,
                        DropReason.NO_SERVER);
    }

    private void rules() {
        Administration rules = balancer.administration();
        service(
                rules,
                ServiceId.TCP,
                VIP,
                80,
                "wlc",
                "10.2.0.11",
                8080,
                ForwardingMethod.MASQUERADE);
        service(
                rules,
                ServiceId.UDP,
                VIP,
                53,
                "rr",
                "10.2.0.11",
                5353,
                ForwardingMethod.MASQUERADE);
        service(
                rules,
                ServiceId.SCTP,
                VIP,
                2905,
                "rr",
                "10.2.0.11",
                3905,
                ForwardingMethod.MASQUERADE);
        service(rules, ServiceId.TCP, VIP, 81, "sh", "10.2.0.12", 81, ForwardingMethod.ROUTE);
        service(rules, ServiceId.TCP, VIP, 82, "wrr", "10.2.0.12", 82, ForwardingMethod.TUNNEL);
        service(
                rules,
                ServiceId.TCP,
                VIP_6,
                80,
                "wlc",
                "fd02::b",
                8080,
                ForwardingMethod.MASQUERADE);
        service(
                rules,
                ServiceId.UDP,
                VIP_6,
                53,
                "rr",
                "fd02::b",
                5353,
                ForwardingMethod.MASQUERADE);
        service(rules, ServiceId.TCP, VIP_6, 81, "sh", "fd02::c", 81, ForwardingMethod.ROUTE);
        service(rules, ServiceId.TCP, VIP_6, 82, "wrr", "10.2.0.12", 82, ForwardingMethod.TUNNEL);
        ServiceId empty = ServiceId.of(ServiceId.TCP, address(VIP), 83);
        rules.addService(empty, ServiceSettings.of("rr"));
        balancer.route(
                new Route(
                        address("0.0.0.0"),
                        0,
                        address("10.1.0.254"),
                        1,
                        0,
                        Route.Kind.UNICAST,
                        null));
        balancer.route(
                new Route(address("::"), 0, address("fd01::fe"), 1, 0, Route.Kind.UNICAST, null));
    }

    private static IpAddress address(String text) {
        IpAddress parsed = IpAddress.parse(text);
        assertThat(parsed).isNotNull();
        return parsed;
    }

    private static void service(
            Administration rules,
            int protocol,
            String virtual,
            int port,
            String scheduler,
            String server,
            int serverPort,
            ForwardingMethod method) {
        ServiceId id = ServiceId.of(protocol, address(virtual), port);
        rules.addService(id, ServiceSettings.of(scheduler));
        ServerId serverId = new ServerId(address(server), serverPort);
        rules.addServer(id, serverId, ServerSettings.of(method, 1));
    }

    private void neighbours() {
        cli.inject(Frames.arpRequest("02:00:00:00:01:0b", CLIENT, "10.1.0.1"));
        cli.inject(Frames.arpRequest("02:00:00:00:01:fe", "10.1.0.254", "10.1.0.1"));
        srv.inject(Frames.arpRequest("02:00:00:00:02:0b", "10.2.0.11", "10.2.0.1"));
        srv.inject(Frames.arpRequest("02:00:00:00:02:0c", "10.2.0.12", "10.2.0.1"));
        balancer.neighbour(cli, CLIENT_6, 0x0200_0000_010bL);
        balancer.neighbour(cli, "fd01::fe", 0x0200_0000_01feL);
        balancer.neighbour(srv, "fd02::b", 0x0200_0000_020bL);
        balancer.neighbour(srv, "fd02::c", 0x0200_0000_020cL);
        balancer.runOnce();
    }

    private void client(FrameBuilder packet) {
        traffic.add(new Traffic(cli, packet.macs("02:00:00:00:01:0b", CLI_MAC).bytes(), false));
    }

    private void clientWithNewPorts(FrameBuilder packet) {
        traffic.add(new Traffic(cli, packet.macs("02:00:00:00:01:0b", CLI_MAC).bytes(), true));
    }

    private void server(FrameBuilder packet) {
        traffic.add(new Traffic(srv, packet.macs("02:00:00:00:02:0b", SRV_MAC).bytes(), false));
    }

    private void established() {
        for (int i = 0; i < 40; i++) {
            client(Frames.tcp().from(CLIENT, 4000 + i).to(VIP, 80).syn());
            server(Frames.tcp().from("10.2.0.11", 8080).to(CLIENT, 4000 + i).syn().ack(1));
            client(Frames.tcp().from(CLIENT, 4000 + i).to(VIP, 80).ack(1).payload("GET / "));
            client(Frames.udp().from(CLIENT, 4000 + i).to(VIP, 53).payload("question"));
            server(Frames.udp().from("10.2.0.11", 5353).to(CLIENT, 4000 + i).noChecksum());
            client(Frames.sctp().from(CLIENT, 4000 + i).to(VIP, 2905).initChunk(1, i));
            server(Frames.sctp().from("10.2.0.11", 3905).to(CLIENT, 4000 + i).initChunk(2, i));
            client(Frames.tcp().from(CLIENT, 4000 + i).to(VIP, 81).syn());
            client(Frames.tcp().from("192.0.2.7", 4000 + i).to(VIP, 82).syn());
        }
        byte[] quoted = Frames.udp().from(CLIENT, 4000).to("10.2.0.11", 5353).packet();
        server(Frames.icmpError(3, 3, quoted).from("10.2.0.11").to(CLIENT));
    }

    private void establishedIpv6() {
        for (int i = 0; i < 40; i++) {
            client(Frames.tcp().from(CLIENT_6, 4000 + i).to(VIP_6, 80).syn());
            server(Frames.tcp().from("fd02::b", 8080).to(CLIENT_6, 4000 + i).syn().ack(1));
            client(Frames.tcp().from(CLIENT_6, 4000 + i).to(VIP_6, 80).ack(1).payload("GET / "));
            client(Frames.udp().from(CLIENT_6, 4000 + i).to(VIP_6, 53).payload("question"));
            server(Frames.udp().from("fd02::b", 5353).to(CLIENT_6, 4000 + i).payload("answer"));
            client(Frames.tcp().from(CLIENT_6, 4000 + i).to(VIP_6, 81).syn());
            client(Frames.tcp().from("2001:db8::7", 4000 + i).to(VIP_6, 82).syn());
            client(
                    Frames.tcp()
                            .extension(60, new byte[8])
                            .from(CLIENT_6, 4000 + i)
                            .to(VIP_6, 80)
                            .ack(1));
        }
        byte[] quoted = Frames.udp().from(CLIENT_6, 4000).to("fd02::b", 5353).packet();
        server(Frames.icmpError(1, 4, quoted).from("fd02::b").to(CLIENT_6));
    }

    private void odditiesIpv6() {
        client(Frames.tcp().from(CLIENT_6, 1).to("fd02::c", 22).syn());
        client(Frames.tcp().from(CLIENT_6, 4000).to(VIP_6, 80).ack(1).ttl(1));
        client(Frames.tcp().from(CLIENT_6, 4000).to("fd09::1", 80).fin());
        client(Frames.udp().from(CLIENT_6, 4000).to(VIP_6, 9));
        client(Frames.icmp(128, 0, 0x10002).from(CLIENT_6).to(VIP_6).payload("echo"));
        client(Frames.udp().from(CLIENT_6, 1).to("fd02::c", 7).payload(new byte[1490]));
        client(Frames.ip(99).from(CLIENT_6).to(VIP_6));
        client(Frames.tcp().from(VIP_6, 80).to(VIP_6, 80).syn());
        client(Frames.tcp().extension(43, new byte[16]).from(CLIENT_6, 1).to(VIP_6, 80).syn());
    }

    private void news() {
        clientWithNewPorts(Frames.tcp().from("192.0.2.8", 1).to(VIP, 80).syn());
        clientWithNewPorts(Frames.udp().from("192.0.2.8", 1).to(VIP, 53));
        clientWithNewPorts(Frames.tcp().from("192.0.2.9", 1).to(VIP, 83).syn());
        clientWithNewPorts(Frames.tcp().from("192.0.2.9", 1).to(VIP, 9).syn());
        clientWithNewPorts(Frames.tcp().from("2001:db8::8", 1).to(VIP_6, 80).syn());
        clientWithNewPorts(Frames.udp().from("2001:db8::8", 1).to(VIP_6, 53));
    }

    private void fragments() {
        for (int i = 0; i < 4; i++) {
            FrameBuilder question = Frames.udp().from(CLIENT, 4000 + i).to(VIP, 53).id(i);
            fragments(question.payload(new byte[1000]), 5);
        }
        // The rest never comes.
        fragments(Frames.udp().from(CLIENT, 1).to(VIP, 53).id(9).payload(new byte[1000]), 3);
    }

    private void fragments(FrameBuilder datagram, int most) {
        datagram.macs("02:00:00:00:01:0b", CLI_MAC);
        for (byte[] frame : datagram.fragments(208).stream().limit(most).toList()) {
            traffic.add(new Traffic(cli, frame, false));
        }
    }

    private void oddities() {
        client(Frames.tcp().from(CLIENT, 1).to("10.2.0.12", 22).syn());
        client(Frames.tcp().from(CLIENT, 4000).to(VIP, 80).ack(1).ttl(1));
        client(Frames.tcp().from(CLIENT, 4000).to("10.9.0.1", 80).fin());
        client(Frames.udp().from(CLIENT, 4000).to(VIP, 9));
        client(Frames.ping(1, 2).from(CLIENT).to(VIP).payload("echo"));
        client(Frames.udp().from(CLIENT, 1).to("10.2.0.12", 7).payload(new byte[1490]));
        client(
                Frames.udp()
                        .from(CLIENT, 1)
                        .to("10.2.0.12", 7)
                        .payload(new byte[1490])
                        .dontFragment());
        client(Frames.ip(99).from(CLIENT).to(VIP));
        client(Frames.sctp().from(CLIENT, 1).to(VIP, 2905).chunk(0));
        client(Frames.tcp().from(VIP, 80).to(VIP, 80).syn());
        client(Frames.tcp().from("fd00::1", 80).to("fd00::2", 80).syn());
        byte[] damaged = Frames.tcp().macs("02:00:00:00:01:0b", CLI_MAC).bytes();
        damaged[24] ^= 1;
        traffic.add(new Traffic(cli, damaged, false));
        traffic.add(new Traffic(cli, new byte[13], false));
        traffic.add(new Traffic(cli, new byte[60], false));
        byte[] arp = Frames.arpRequest("02:00:00:00:01:0b", CLIENT, "10.1.0.1");
        traffic.add(new Traffic(cli, arp, false));
    }

    /** Returns the bytes that the worker's cycles allocated. */
    private long run(int packets, int cycleMillis) {
        long allocated = 0;
        int next = 0;
        for (int sent = 0; sent < packets; sent += BURST) {
            for (int i = 0; i < BURST; i++) {
                inject(traffic.get(next++ % traffic.size()));
            }
            nowMillis += cycleMillis;
            long before = threads.getCurrentThreadAllocatedBytes();
            balancer.runOnce();
            allocated += threads.getCurrentThreadAllocatedBytes() - before;
            drain(cli);
            drain(srv);
            ipv6InKernel = ipv6InKernel || traffic.stream().anyMatch(this::overIpv6InKernel);
        }
        return allocated;
    }

    private boolean overIpv6InKernel(Traffic packet) {
        byte[] frame = packet.frame;
        boolean ipv6 = frame.length > 54 && (frame[12] & 0xff) == 0x86;
        return ipv6 && kernel.place(frame) != FlowTable.NONE;
    }

    private void inject(Traffic packet) {
        byte[] frame = packet.frame;
        if (packet.newPort) {
            port = (port + 1) & 0xffff;
            int at = frame[12] == 8 ? 34 : 54;
            frame[at] = (byte) (port >> 8);
            frame[at + 1] = (byte) port;
        }
        assertThat(packet.link.inject(frame)).isTrue();
    }

    /** Takes what was sent, and answers for neighbours that are asked for. */
    private static void drain(MemoryLink link) {
        byte[] frame = link.poll();
        while (frame != null) {
            if (frame[12] == 8 && frame[13] == 6 && frame[21] == 1) {
                link.inject(answer(frame));
            }
            frame = link.poll();
        }
    }

    private static byte[] answer(byte[] request) {
        byte[] mac = {2, 0, 0, 0, request[39], request[41]};
        byte[] answer = request.clone();
        answer[21] = 2;
        System.arraycopy(request, 6, answer, 0, 6);
        System.arraycopy(mac, 0, answer, 6, 6);
        System.arraycopy(mac, 0, answer, 22, 6);
        System.arraycopy(request, 38, answer, 28, 4);
        System.arraycopy(request, 22, answer, 32, 10);
        return answer;
    }

    private long forwarded() {
        return cli.port().statistics().transmittedFrames()
                + srv.port().statistics().transmittedFrames();
    }
}
