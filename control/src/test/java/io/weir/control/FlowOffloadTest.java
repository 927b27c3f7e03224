package io.weir.control;

import static io.weir.dataplane.testing.WorkerBench.CLI;
import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.CLI_MAC;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.SRV;
import static io.weir.dataplane.testing.WorkerBench.SRV_MAC;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.RoutedNetwork;
import io.weir.dataplane.offload.FlowEnds;
import io.weir.dataplane.offload.OffloadStatistics;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.KernelTwin;
import io.weir.dataplane.testing.KernelTwin.Sent;
import io.weir.dataplane.testing.TestConnection;
import io.weir.dataplane.testing.WorkerBench;
import io.weir.dr.DirectRouteForwarder;
import io.weir.dr.TunnelForwarder;
import io.weir.nat.MasqueradeForwarder;
import io.weir.nat.ftp.FtpGateway;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What a worker hands to the kernel, takes back and counts. */
final class FlowOffloadTest {
    private static final int UDP = ServiceId.UDP;
    private static final int TCP = ServiceId.TCP;
    private static final ServiceId DATAGRAMS = ServiceId.of(UDP, WorkerBench.address(VIP), 53);
    private static final int UDP_SECONDS = 300;

    private final KernelTwin kernel = new KernelTwin(6, 1);
    private final WorkerBench bench = bench();

    private static WorkerBench bench() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.gateway = FtpGateway::new;
        return new WorkerBench(
                options,
                context -> new MasqueradeForwarder(),
                context -> new DirectRouteForwarder(),
                TunnelForwarder::new);
    }

    private WorkerBench offloading() {
        bench.worker().pipeline().offload(kernel.table());
        return bench;
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
        kernel.close();
    }

    private static byte[] datagram(int port) {
        return client(Frames.udp().from(CLIENT, port).to(VIP, 53).payload("question ask"));
    }

    private static byte[] reply(int port) {
        return server(Frames.udp().from(SERVER, 5353).to(CLIENT, port).payload("an answer to"));
    }

    private static byte[] client(FrameBuilder builder) {
        return builder.macs("02:00:00:00:01:0b", CLI_MAC).bytes();
    }

    private static byte[] server(FrameBuilder builder) {
        return builder.macs("02:00:00:00:02:0b", SRV_MAC).bytes();
    }

    private static FrameBuilder tcp(int port) {
        return Frames.tcp().from(CLIENT, port).to(VIP, 80);
    }

    private static FrameBuilder tcpReply(int port) {
        return Frames.tcp().from(SERVER, 8080).to(CLIENT, port);
    }

    private void datagrams(ForwardingMethod method) {
        bench.service(UDP, 53, method, method == ForwardingMethod.MASQUERADE ? 5353 : 53);
    }

    private boolean kernelForwards(byte[] frame) {
        return kernel.forward(frame) != null;
    }

    private ServiceListing listing(ServiceId id) {
        return Objects.requireNonNull(bench.worker().director().service(id));
    }

    private List<ConnectionListing> connections() {
        List<ConnectionListing> all = new ArrayList<>();
        bench.worker().director().connections(all::add);
        return all;
    }

    private OffloadStatistics statistics() {
        return Objects.requireNonNull(bench.worker().pipeline().offloaded());
    }

    // The first makes the connection, the second is plain.
    private void handOver(int port) {
        bench.send(CLI, datagram(port));
        bench.send(CLI, datagram(port));
    }

    @Test
    void bothDirectionsOfNatAreHandedOverByTheFirstPlainPacket() {
        offloading();
        datagrams(ForwardingMethod.MASQUERADE);
        bench.send(CLI, datagram(4000));
        assertThat(kernel.open()).isZero();
        List<String> byWorker = bench.send(CLI, datagram(4000));
        assertThat(kernel.open()).isEqualTo(2);
        Sent sent = Objects.requireNonNull(kernel.forward(datagram(4000)));
        assertThat(sent.link()).isEqualTo(SRV);
        assertThat(byWorker).containsExactly("srv " + FrameWords.frame(sent.frame()));

        Sent back = Objects.requireNonNull(kernel.forward(reply(4000)));
        assertThat(back.link()).isEqualTo(CLI);
        assertThat(bench.send(SRV, reply(4000)))
                .containsExactly("cli " + FrameWords.frame(back.frame()));
        assertThat(statistics().flows()).isEqualTo(2);
    }

    @Test
    void oneDirectionOfDirectRoutingIsHandedOver() {
        offloading();
        datagrams(ForwardingMethod.ROUTE);
        handOver(4000);
        assertThat(kernel.open()).isEqualTo(1);
        Sent sent = Objects.requireNonNull(kernel.forward(datagram(4000)));
        assertThat(bench.send(CLI, datagram(4000)))
                .containsExactly("srv " + FrameWords.frame(sent.frame()));
    }

    @Test
    void aRuleChangeTakesEverythingBackAndTheNextPacketHandsItOverAnew() {
        offloading();
        datagrams(ForwardingMethod.MASQUERADE);
        handOver(4000);
        ServerId server = new ServerId(WorkerBench.address(SERVER), 5353);
        ServerSettings lazy = ServerSettings.of(ForwardingMethod.MASQUERADE, 0);
        bench.worker().director().editServer(DATAGRAMS, server, lazy);
        assertThat(kernel.open()).isZero();
        bench.pass(100);
        bench.send(CLI, datagram(4000));
        assertThat(kernel.open()).isEqualTo(2);
        bench.worker().director().deleteServer(DATAGRAMS, server);
        assertThat(kernel.open()).isZero();
        bench.send(CLI, datagram(4000));
        assertThat(kernel.open()).isZero();
    }

    @Test
    void aChangeOfTheNetworkTakesEverythingBack() {
        offloading();
        datagrams(ForwardingMethod.MASQUERADE);
        handOver(4000);
        bench.worker().pipeline().networkChanged(new RoutedNetwork(network(1500, true)));
        assertThat(kernel.open()).isZero();
        bench.send(CLI, datagram(4000));
        assertThat(kernel.open()).isEqualTo(2);
        byte[] large = client(Frames.udp().from(CLIENT, 4000).to(VIP, 53).payload(new byte[900]));
        assertThat(kernelForwards(large)).isTrue();
        bench.worker().pipeline().networkChanged(new RoutedNetwork(network(800, true)));
        bench.send(CLI, datagram(4000));
        assertThat(kernelForwards(large)).isFalse();
        assertThat(kernelForwards(datagram(4000))).isTrue();
        bench.worker().pipeline().networkChanged(new RoutedNetwork(network(1500, false)));
        bench.send(SRV, reply(4000));
        assertThat(kernelForwards(datagram(4000))).as("to a link that is down").isFalse();
        assertThat(kernelForwards(reply(4000))).isTrue();
    }

    /** The bench's networks, of IPv4. */
    private static NetworkSnapshot network(int serverMtu, boolean serverUp) {
        List<LinkAddress> addresses =
                List.of(
                        new LinkAddress(WorkerBench.address("10.1.0.1"), 24, CLI),
                        new LinkAddress(WorkerBench.address(VIP), 32, CLI),
                        new LinkAddress(WorkerBench.address("10.2.0.1"), 24, SRV));
        return new NetworkSnapshot(
                List.of(
                        new Link(CLI, "cli", 0x0200_0000_0001L, 1500, true, true),
                        new Link(SRV, "srv", 0x0200_0000_0002L, serverMtu, serverUp, true)),
                addresses,
                ConnectedRoutes.of(addresses));
    }

    @Test
    void anotherNeighbourTakesItsFlowsBack() {
        offloading();
        datagrams(ForwardingMethod.MASQUERADE);
        handOver(4000);
        bench.neighbour(SRV, SERVER, NeighbourEntry.State.USABLE, 0x0200_0000_0333L);
        bench.run();
        assertThat(kernel.open()).as("replies are still handed over").isEqualTo(1);
        bench.pass(100);
        bench.send(CLI, datagram(4000));
        Sent sent = Objects.requireNonNull(kernel.forward(datagram(4000)));
        assertThat(FrameWords.frame(sent.frame())).isNotEmpty();
        assertThat(sent.frame()[4]).isEqualTo((byte) 3);
        bench.neighbour(SRV, SERVER, NeighbourEntry.State.FAILED, 0);
        bench.run();
        assertThat(kernelForwards(datagram(4000))).isFalse();
        assertThat(kernelForwards(reply(4000))).isTrue();
        bench.neighbour(CLI, CLIENT, NeighbourEntry.State.GONE, 0);
        bench.pass(300);
        assertThat(kernelForwards(reply(4000))).isFalse();
    }

    @Test
    void countersAreWhatCameByTheKernelAndByTheWorker() {
        offloading();
        datagrams(ForwardingMethod.MASQUERADE);
        handOver(4000);
        for (int i = 0; i < 100; i++) {
            assertThat(kernelForwards(datagram(4000))).isTrue();
        }
        for (int i = 0; i < 30; i++) {
            assertThat(kernelForwards(reply(4000))).isTrue();
        }
        ServiceListing service = listing(DATAGRAMS);
        int bytes = datagram(4000).length - 14;
        for (CounterSnapshot counters :
                List.of(
                        service.counters(),
                        service.servers().getFirst().counters(),
                        bench.worker().director().totals())) {
            assertThat(counters.inPackets()).isEqualTo(102);
            assertThat(counters.inBytes()).isEqualTo(102L * bytes);
            assertThat(counters.outPackets()).isEqualTo(30);
            assertThat(counters.outBytes()).isEqualTo(30L * (reply(4000).length - 14));
        }
        ConnectionTable table = bench.worker().director().table();
        int slot = slot(table);
        assertThat(table.packets(slot)).isEqualTo(102);
        bench.pass(300);
        assertThat(statistics().packets()).isEqualTo(130);
        bench.worker().director().zero(null);
        assertThat(listing(DATAGRAMS).counters().inPackets()).isZero();
    }

    private static int slot(ConnectionTable table) {
        for (int slot = 0; slot < table.slots(); slot++) {
            if (table.used(slot)) {
                return slot;
            }
        }
        throw new AssertionError("there is no connection");
    }

    @Test
    void aConnectionLivesAsLongAsTheKernelForwardsItsPackets() {
        offloading();
        bench.worker().director().setTimeouts(new Timeouts(0, 0, 10));
        datagrams(ForwardingMethod.MASQUERADE);
        handOver(4000);
        for (int second = 0; second < 18; second++) {
            assertThat(kernelForwards(second < 9 ? reply(4000) : datagram(4000))).isTrue();
            bench.pass(1000);
        }
        assertThat(connections()).hasSize(1);
        bench.pass(8000);
        assertThat(connections()).hasSize(1);
        bench.pass(4000);
        assertThat(connections()).isEmpty();
        assertThat(kernel.open()).isZero();
    }

    @Test
    void aPlaceIsNotWrittenAgainSoonAndItsLateCountsAreNotLost() {
        offloading();
        datagrams(ForwardingMethod.MASQUERADE);
        handOver(4000);
        int place = kernel.place(datagram(4000));
        ServerId server = new ServerId(WorkerBench.address(SERVER), 5353);
        ServerSettings other = ServerSettings.of(ForwardingMethod.MASQUERADE, 2);
        bench.worker().director().editServer(DATAGRAMS, server, other);
        bench.pass(40);
        bench.send(CLI, datagram(4000));
        assertThat(kernel.place(datagram(4000))).isNotEqualTo(place);
        kernel.count(place, 3, 120);
        assertThat(listing(DATAGRAMS).counters().inPackets()).isEqualTo(3);
        bench.pass(20);
        assertThat(listing(DATAGRAMS).counters().inPackets()).isEqualTo(6);
        assertThat(listing(DATAGRAMS).servers().getFirst().counters().inPackets()).isEqualTo(6);
    }

    @Test
    void aFullBucketRefusesUntilAnIdleFlowGivesWay() {
        offloading();
        datagrams(ForwardingMethod.ROUTE);
        int[] ports = new int[5];
        int bucket = bucket(4000);
        for (int port = 4000, found = 0; found < ports.length; port++) {
            if (bucket(port) == bucket) {
                ports[found++] = port;
            }
        }
        for (int port : ports) {
            handOver(port);
        }
        assertThat(kernel.open()).isEqualTo(4);
        assertThat(kernelForwards(datagram(ports[4]))).isFalse();
        assertThat(statistics().refused()).isEqualTo(1);
        for (int i = 0; i < 10; i++) {
            for (int used = 1; used < 4; used++) {
                assertThat(kernelForwards(datagram(ports[used]))).isTrue();
            }
            bench.pass(250);
        }
        bench.send(CLI, datagram(ports[4]));
        assertThat(statistics().refused()).isEqualTo(2);
        bench.pass(60);
        bench.send(CLI, datagram(ports[4]));
        assertThat(kernelForwards(datagram(ports[4]))).isTrue();
        assertThat(kernelForwards(datagram(ports[0]))).isFalse();
        for (int used = 1; used < 4; used++) {
            assertThat(kernelForwards(datagram(ports[used]))).isTrue();
        }
    }

    private int bucket(int port) {
        FlowEnds ends = new TestConnection(UDP, CLIENT, port, VIP, 53, VIP, 53).toServer();
        return kernel.table().bucket(ends);
    }

    @Test
    void anIdleFlowLeavesByItself() {
        offloading();
        datagrams(ForwardingMethod.ROUTE);
        handOver(4000);
        bench.pass(9_000);
        assertThat(kernel.open()).isEqualTo(1);
        bench.pass(2_000);
        assertThat(kernel.open()).isZero();
        assertThat(connections()).hasSize(1);
    }

    @Test
    void whatTheWorkerHasToSeeStaysWithIt() {
        offloading();
        bench.service(TCP, 21, ForwardingMethod.MASQUERADE, 21);
        bench.send(CLI, client(tcp(4000).to(VIP, 21).syn()));
        bench.send(SRV, server(tcpReply(4000).from(SERVER, 21).syn().ack(1)));
        for (int i = 0; i < 3; i++) {
            bench.send(CLI, client(tcp(4000).to(VIP, 21).ack(2).payload("NOOP\r\n")));
        }
        ServiceSettings onePacket =
                new ServiceSettings("first", 0, 0, ServiceSettings.WHOLE_ADDRESS, true, null);
        bench.service(
                ServiceId.of(UDP, WorkerBench.address(VIP), 54),
                onePacket,
                ForwardingMethod.MASQUERADE,
                5353);
        bench.service(UDP, 55, ForwardingMethod.TUNNEL, 55);
        for (int i = 0; i < 3; i++) {
            bench.send(CLI, client(Frames.udp().from(CLIENT, 4000).to(VIP, 54).payload("x")));
            bench.send(CLI, client(Frames.udp().from(CLIENT, 4000).to(VIP, 55).payload("x")));
        }
        assertThat(kernel.open()).isZero();
        assertThat(connections()).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void shortTimeoutsAreTheWorkers() {
        offloading();
        datagrams(ForwardingMethod.MASQUERADE);
        bench.worker().director().setTimeouts(new Timeouts(0, 0, 2));
        handOver(4000);
        bench.send(CLI, datagram(4000));
        assertThat(kernel.open()).isZero();
        bench.worker().director().setTimeouts(new Timeouts(0, 0, UDP_SECONDS));
        bench.send(CLI, datagram(4000));
        bench.send(CLI, datagram(4000));
        assertThat(kernel.open()).isEqualTo(2);
        bench.worker().director().setTimeouts(new Timeouts(0, 0, 1));
        assertThat(kernel.open()).isZero();
    }

    @Test
    void theEndOfTheWorkerTakesEverythingBack() {
        WorkerBench other = new WorkerBench(context -> new MasqueradeForwarder());
        other.worker().pipeline().offload(kernel.table());
        other.service(UDP, 53, ForwardingMethod.MASQUERADE, 5353);
        other.send(CLI, datagram(4000));
        other.send(CLI, datagram(4000));
        assertThat(kernel.open()).isEqualTo(2);
        other.close();
        assertThat(kernel.open()).isZero();
    }
}
