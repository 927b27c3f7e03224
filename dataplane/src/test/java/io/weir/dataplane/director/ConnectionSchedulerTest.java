package io.weir.dataplane.director;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.VIP;
import static io.weir.dataplane.testing.WorkerBench.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.UnchangedForwarder;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Which server a connection gets, and how long it and its template live. */
class ConnectionSchedulerTest {
    private static final ServiceId WEB = ServiceId.of(ServiceId.TCP, address(VIP), 80);
    private static final ServerId OLD = new ServerId(address("10.2.0.11"), 80);
    private static final ServerId NEW = new ServerId(address("10.2.0.12"), 80);
    private static final ServerSettings DIRECT = ServerSettings.of(ForwardingMethod.ROUTE, 1);

    private final WorkerBench bench =
            new WorkerBench(options(), context -> new UnchangedForwarder());
    private final Director director = bench.worker().director();

    private static WorkerBench.Options options() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.connections = 64;
        return options;
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private void service(ServiceId id, int persistentSeconds, int netmask) {
        director.addService(
                id, new ServiceSettings("first", 0, persistentSeconds, netmask, false, null));
        director.addServer(id, OLD, DIRECT);
    }

    /** Sends a SYN; the last byte of the server's Ethernet address, or what came instead. */
    private String syn(String client, int port, int virtualPort) {
        FrameBuilder syn = Frames.tcp().from(client, port).to(VIP, virtualPort).syn();
        List<String> words = bench.fromClient(syn);
        assertThat(words).hasSize(1);
        String server = "srv 02:00:00:00:00:02 > 02:00:00:00:02:";
        return words.getFirst().startsWith(server)
                ? words.getFirst().substring(server.length(), server.length() + 2)
                : words.getFirst();
    }

    private String syn(String client, int port) {
        return syn(client, port, 80);
    }

    private List<String> connections() {
        List<String> lines = new ArrayList<>();
        director.connections(
                c ->
                        lines.add(
                                c.client()
                                        + ":"
                                        + c.clientPort()
                                        + " "
                                        + c.virtual()
                                        + ":"
                                        + c.virtualPort()
                                        + " "
                                        + c.server()
                                        + ":"
                                        + c.serverPort()
                                        + " "
                                        + c.state()
                                        + " "
                                        + c.expiresSeconds()));
        lines.sort(null);
        return lines;
    }

    @Test
    void aConnectionStaysWhereItIs() {
        service(WEB, 0, -1);
        assertThat(syn(CLIENT, 4000)).isEqualTo("0b");
        director.addServer(WEB, NEW, DIRECT);
        assertThat(syn(CLIENT, 4000)).isEqualTo("0b");
        assertThat(syn(CLIENT, 4001)).isEqualTo("0c");
    }

    @Test
    void persistenceKeepsAClientAtItsServer() {
        service(WEB, 10, -1);
        assertThat(syn(CLIENT, 4000)).isEqualTo("0b");
        director.addServer(WEB, NEW, DIRECT);
        assertThat(syn(CLIENT, 4001)).isEqualTo("0b");
        assertThat(syn("10.1.0.12", 4001)).isEqualTo("0c");
        assertThat(connections())
                .containsExactly(
                        "10.1.0.11:0 10.1.0.100:80 10.2.0.11:80 NONE 10",
                        "10.1.0.11:4000 10.1.0.100:80 10.2.0.11:80 SYN_RECV 60",
                        "10.1.0.11:4001 10.1.0.100:80 10.2.0.11:80 SYN_RECV 60",
                        "10.1.0.12:0 10.1.0.100:80 10.2.0.12:80 NONE 10",
                        "10.1.0.12:4001 10.1.0.100:80 10.2.0.12:80 SYN_RECV 60");
    }

    @Test
    void aMaskMakesOneClientOfMany() {
        service(WEB, 10, 0xffff_ff00);
        syn("192.0.2.1", 4000);
        director.addServer(WEB, NEW, DIRECT);
        assertThat(syn("192.0.2.200", 4000)).isEqualTo("0b");
        assertThat(syn("192.0.3.1", 4000)).isEqualTo("0c");
    }

    @Test
    void aServiceForEveryPortHasOneTemplate() {
        ServiceId every = ServiceId.of(ServiceId.TCP, address(VIP), 0);
        director.addService(every, new ServiceSettings("first", 0, 10, -1, false, null));
        director.addServer(every, new ServerId(address("10.2.0.11"), 0), DIRECT);
        assertThat(syn(CLIENT, 4000, 80)).isEqualTo("0b");
        assertThat(syn(CLIENT, 4000, 443)).isEqualTo("0b");
        assertThat(connections())
                .containsExactly(
                        "10.1.0.11:0 10.1.0.100:0 10.2.0.11:0 NONE 10",
                        "10.1.0.11:4000 10.1.0.100:443 10.2.0.11:443 SYN_RECV 60",
                        "10.1.0.11:4000 10.1.0.100:80 10.2.0.11:80 SYN_RECV 60");
    }

    @Test
    void aTemplateOutlivesWhatItControls() {
        service(WEB, 3, -1);
        syn(CLIENT, 4000);
        bench.pass(5_000);
        assertThat(connections().getFirst()).startsWith("10.1.0.11:0 10.1.0.100:80");
        // When its own time was up it got 60 seconds more, and keeps that timeout.
        syn(CLIENT, 4001);
        assertThat(connections().getFirst()).endsWith(" NONE 60");
        bench.pass(140_000);
        assertThat(connections()).isEmpty();
        assertThat(director.service(WEB).servers().getFirst().persistent()).isZero();
    }

    @Test
    void aTemplateEndsWithTheConnectionThatWasRenewedTogetherWithIt() {
        ServiceId dns = ServiceId.of(ServiceId.UDP, address(VIP), 53);
        director.setTimeouts(new Timeouts(0, 0, 3));
        service(dns, 3, -1);
        bench.fromClient(Frames.udp().from(CLIENT, 4000).to(VIP, 53).payload("q"));
        bench.pass(10);
        bench.fromClient(Frames.udp().from(CLIENT, 4000).to(VIP, 53).payload("q"));
        bench.pass(3_000);
        assertThat(connections()).hasSize(2);
        bench.pass(200);
        assertThat(connections()).isEmpty();
    }

    @Test
    void aQuiescentServerKeepsItsClientsUnlessToldOtherwise() {
        service(WEB, 100, -1);
        syn(CLIENT, 4000);
        director.addServer(WEB, NEW, DIRECT);
        director.editServer(WEB, OLD, ServerSettings.of(ForwardingMethod.ROUTE, 0));
        assertThat(syn(CLIENT, 4001)).isEqualTo("0b");
        director.sysctls().set(Sysctl.EXPIRE_QUIESCENT_TEMPLATE, 1);
        assertThat(syn(CLIENT, 4002)).isEqualTo("0c");
        assertThat(connections()).contains("10.1.0.11:0 10.1.0.100:65535 10.2.0.11:65535 NONE 100");
    }

    @Test
    void aRemovedServerLosesItsClients() {
        service(WEB, 100, -1);
        syn(CLIENT, 4000);
        director.addServer(WEB, NEW, DIRECT);
        director.deleteServer(WEB, OLD);
        assertThat(syn(CLIENT, 4001)).isEqualTo("0c");
    }

    @Test
    void tellsIfThereIsNoServer() {
        director.addService(WEB, ServiceSettings.of("first"));
        assertThat(syn(CLIENT, 4000)).contains(" 10.1.0.100 > 10.1.0.11 icmp 3/3 ");
        assertThat(bench.drops(DropReason.NO_SERVER)).isEqualTo(1);
        assertThat(connections()).isEmpty();
    }

    @Test
    void theTableHasALimit() {
        service(WEB, 0, -1);
        for (int port = 1; port <= 64; port++) {
            assertThat(syn("192.0.2.1", port)).isEqualTo("0b");
        }
        FrameBuilder more = Frames.tcp().from("192.0.2.1", 65).to(VIP, 80).syn();
        assertThat(bench.fromClient(more)).isEmpty();
        assertThat(bench.drops(DropReason.CONNECTION_TABLE_FULL)).isEqualTo(1);
        assertThat(syn("192.0.2.1", 64)).isEqualTo("0b");
        bench.pass(70_000);
        assertThat(syn("192.0.2.1", 65)).isEqualTo("0b");
        assertThat(director.connectionCount()).isEqualTo(1);
    }

    @Test
    void handshakesThatAreNotOverMakeRoom() {
        service(WEB, 0, -1);
        for (int port = 1; port <= 1000; port++) {
            assertThat(syn("192.0.2.1", port)).isEqualTo("0b");
            bench.pass(10);
        }
        assertThat(director.connectionCount()).isEqualTo(60);
        assertThat(bench.drops(DropReason.HALF_OPEN_EVICTED)).isEqualTo(940);
        assertThat(bench.drops(DropReason.CONNECTION_TABLE_FULL)).isZero();
    }

    @Test
    void onePacketServicesRememberNothing() {
        ServiceId dns = ServiceId.of(ServiceId.UDP, address(VIP), 53);
        director.addService(dns, new ServiceSettings("first", 0, 0, -1, true, null));
        director.addServer(dns, new ServerId(address("10.2.0.11"), 53), DIRECT);
        for (int i = 0; i < 100; i++) {
            assertThat(bench.fromClient(Frames.udp().from(CLIENT, 4000).to(VIP, 53))).hasSize(1);
        }
        assertThat(director.connectionCount()).isZero();
        assertThat(director.service(dns).counters().connections()).isEqualTo(100);
        assertThat(director.service(dns).servers().getFirst().inactive()).isZero();
    }

    @Test
    void aRemovedServersConnectionsWaitOrEnd() {
        service(WEB, 0, -1);
        syn(CLIENT, 4000);
        director.deleteServer(WEB, OLD);
        FrameBuilder data = Frames.tcp().from(CLIENT, 4000).to(VIP, 80).ack(1);
        assertThat(bench.fromClient(data)).isEmpty();
        assertThat(bench.drops(DropReason.SERVER_REMOVED)).isEqualTo(1);
        director.addServer(WEB, OLD, DIRECT);
        assertThat(bench.fromClient(data)).hasSize(1);
        director.sysctls().set(Sysctl.EXPIRE_NODEST_CONN, 1);
        director.deleteServer(WEB, OLD);
        bench.run();
        assertThat(connections()).isEmpty();
        assertThat(bench.fromClient(data).getFirst()).contains(" tcp R seq 1 ");
    }

    @Test
    void countsWhatPasses() {
        service(WEB, 0, -1);
        syn(CLIENT, 4000);
        bench.fromClient(Frames.tcp().from(CLIENT, 4000).to(VIP, 80).ack(1).payload("hello"));
        assertThat(director.totals().connections()).isEqualTo(1);
        assertThat(director.totals().inPackets()).isEqualTo(2);
        assertThat(director.totals().inBytes()).isEqualTo(40 + 45);
        assertThat(director.service(WEB).servers().getFirst().active()).isEqualTo(1);
        bench.pass(2_000);
        assertThat(director.totals().inPacketRate()).isPositive();
        bench.pass(1_100_000);
        assertThat(connections()).isEmpty();
        assertThat(director.service(WEB).servers().getFirst().active()).isZero();
        assertThat(director.totals().inPacketRate()).isZero();
    }
}
