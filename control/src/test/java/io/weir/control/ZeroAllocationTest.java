package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;

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
    private final MemoryLink cli =
            balancer.attachMemory("cli", 0x0200_0000_0001L, "10.1.0.1/24", VIP + "/32");
    private final MemoryLink srv = balancer.attachMemory("srv", 0x0200_0000_0002L, "10.2.0.1/24");

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

    @AfterEach
    void close() {
        balancer.close();
    }

    @Test
    void packetsCostNoHeap() {
        rules();
        neighbours();
        established();
        news();
        oddities();
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
        assertThat(forwarded() - before).isGreaterThan(PACKETS / 2);
        assertThat(balancer.drops())
                .containsKeys(
                        DropReason.TTL_EXCEEDED,
                        DropReason.IP_CHECKSUM_WRONG,
                        DropReason.HOST_CONSUMED,
                        DropReason.CONNECTION_TABLE_FULL,
                        DropReason.NO_SERVER);
    }

    private void rules() {
        Administration rules = balancer.administration();
        service(rules, ServiceId.TCP, 80, "wlc", "10.2.0.11", 8080, ForwardingMethod.MASQUERADE);
        service(rules, ServiceId.UDP, 53, "rr", "10.2.0.11", 5353, ForwardingMethod.MASQUERADE);
        service(rules, ServiceId.SCTP, 2905, "rr", "10.2.0.11", 3905, ForwardingMethod.MASQUERADE);
        service(rules, ServiceId.TCP, 81, "sh", "10.2.0.12", 81, ForwardingMethod.ROUTE);
        service(rules, ServiceId.TCP, 82, "wrr", "10.2.0.12", 82, ForwardingMethod.TUNNEL);
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
    }

    private static IpAddress address(String text) {
        IpAddress parsed = IpAddress.parse(text);
        assertThat(parsed).isNotNull();
        return parsed;
    }

    private static void service(
            Administration rules,
            int protocol,
            int port,
            String scheduler,
            String server,
            int serverPort,
            ForwardingMethod method) {
        ServiceId id = ServiceId.of(protocol, address(VIP), port);
        rules.addService(id, ServiceSettings.of(scheduler));
        ServerId serverId = new ServerId(address(server), serverPort);
        rules.addServer(id, serverId, ServerSettings.of(method, 1));
    }

    private void neighbours() {
        cli.inject(Frames.arpRequest("02:00:00:00:01:0b", CLIENT, "10.1.0.1"));
        cli.inject(Frames.arpRequest("02:00:00:00:01:fe", "10.1.0.254", "10.1.0.1"));
        srv.inject(Frames.arpRequest("02:00:00:00:02:0b", "10.2.0.11", "10.2.0.1"));
        srv.inject(Frames.arpRequest("02:00:00:00:02:0c", "10.2.0.12", "10.2.0.1"));
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

    private void news() {
        clientWithNewPorts(Frames.tcp().from("192.0.2.8", 1).to(VIP, 80).syn());
        clientWithNewPorts(Frames.udp().from("192.0.2.8", 1).to(VIP, 53));
        clientWithNewPorts(Frames.tcp().from("192.0.2.9", 1).to(VIP, 83).syn());
        clientWithNewPorts(Frames.tcp().from("192.0.2.9", 1).to(VIP, 9).syn());
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
        }
        return allocated;
    }

    private void inject(Traffic packet) {
        byte[] frame = packet.frame;
        if (packet.newPort) {
            port = (port + 1) & 0xffff;
            frame[34] = (byte) (port >> 8);
            frame[35] = (byte) port;
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
