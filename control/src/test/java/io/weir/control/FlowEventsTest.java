package io.weir.control;

import static io.weir.dataplane.testing.WorkerBench.CLI;
import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.CLI_MAC;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.SRV;
import static io.weir.dataplane.testing.WorkerBench.SRV_MAC;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.director.SavedConnections;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.offload.EventRing;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.sync.SyncEntry;
import io.weir.dataplane.sync.SyncMessageReader;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.KernelTwin;
import io.weir.dataplane.testing.WorkerBench;
import io.weir.dataplane.worker.WorkerAdministration;
import io.weir.dataplane.worker.WorkerGroup;
import io.weir.dr.DirectRouteForwarder;
import io.weir.nat.MasqueradeForwarder;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What a worker learns of the ends of connections that the kernel has forwarded. */
final class FlowEventsTest {
    private static final ServiceId STREAMS =
            ServiceId.of(ServiceId.TCP, WorkerBench.address(VIP), 80);

    private final KernelTwin kernel = new KernelTwin(6, 1);
    private final WorkerBench bench =
            new WorkerBench(
                    context -> new MasqueradeForwarder(), context -> new DirectRouteForwarder());

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
        kernel.close();
    }

    private void streams(ForwardingMethod method) {
        bench.worker().pipeline().offload(kernel.table());
        bench.service(ServiceId.TCP, 80, method, method == ForwardingMethod.ROUTE ? 80 : 8080);
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

    private static byte[] data(int port) {
        return client(tcp(port).ack(2).payload("some bytes of data"));
    }

    private void connect(int port) {
        bench.send(CLI, client(tcp(port).syn()));
        kernelForwards(server(tcpReply(port).syn().ack(1)));
        kernelForwards(client(tcp(port).ack(2)));
        kernelForwards(data(port));
        kernelForwards(server(tcpReply(port).ack(3)));
        bench.run();
        kernelForwards(server(tcpReply(port).ack(3)));
        bench.run();
    }

    private void isTheWorkers(byte[] frame) {
        assertThat(kernel.forward(frame)).isNull();
    }

    private void kernelForwards(byte[] frame) {
        assertThat(kernel.forward(frame)).isNotNull();
    }

    private List<ConnectionListing> connections() {
        List<ConnectionListing> all = new ArrayList<>();
        bench.worker().director().offloaded().hear();
        bench.worker().director().connections(all::add);
        return all;
    }

    private String state() {
        assertThat(connections()).hasSize(1);
        return connections().getFirst().state();
    }

    private ServerListing server() {
        return Objects.requireNonNull(bench.worker().director().service(STREAMS))
                .servers()
                .getFirst();
    }

    private void passSeconds(int seconds) {
        for (int i = 0; i < seconds; i++) {
            bench.pass(1_000);
        }
    }

    @Test
    void aConnectionEndsWithoutAPacketForTheWorker() {
        streams(ForwardingMethod.MASQUERADE);
        connect(4000);
        assertThat(state()).isEqualTo("ESTABLISHED");
        assertThat(server().active()).isEqualTo(1);
        kernelForwards(client(tcp(4000).ack(2).fin()));
        assertThat(state()).isEqualTo("CLOSE_WAIT");
        assertThat(server().active()).isZero();
        assertThat(server().inactive()).isEqualTo(1);
        kernelForwards(server(tcpReply(4000).ack(2)));
        kernelForwards(server(tcpReply(4000).ack(2).fin()));
        assertThat(state()).isEqualTo("TIME_WAIT");
        kernelForwards(client(tcp(4000).ack(3)));
        assertThat(kernel.open()).isEqualTo(2);
        bench.pass(250);
        bench.pass(250);
        assertThat(kernel.open()).as("it has given its places back").isZero();
        passSeconds(118);
        assertThat(state()).isEqualTo("TIME_WAIT");
        passSeconds(20); // timers fire late
        assertThat(connections()).isEmpty();
    }

    @Test
    void directRoutingShowsTheClientsEndAlone() {
        streams(ForwardingMethod.ROUTE);
        bench.send(CLI, client(tcp(4000).syn()));
        assertThat(kernel.open()).isEqualTo(1);
        isTheWorkers(client(tcp(4000).syn()));
        assertThat(state()).isEqualTo("SYN_RECV");
        kernelForwards(client(tcp(4000).ack(2)));
        assertThat(state()).isEqualTo("ESTABLISHED");
        assertThat(server().active()).isEqualTo(1);
        kernelForwards(data(4000));
        kernelForwards(client(tcp(4000).ack(2).fin()));
        assertThat(state()).isEqualTo("FIN_WAIT");
        bench.pass(250);
        kernelForwards(client(tcp(4000).rst()));
        assertThat(state()).isEqualTo("CLOSE");
        assertThat(server().counters().inPackets()).as("a listing counts it").isEqualTo(5);
        for (int walk = 0; walk < 5; walk++) {
            bench.pass(250);
        }
        assertThat(kernel.open()).isZero();
        bench.pass(7_500);
        assertThat(state()).isEqualTo("CLOSE");
        bench.pass(3_000);
        assertThat(connections()).isEmpty();
    }

    @Test
    void theNextPacketForTheWorkerFindsTheStateOfThen() {
        streams(ForwardingMethod.MASQUERADE);
        connect(4000);
        kernelForwards(client(tcp(4000).ack(2).fin()));
        kernelForwards(server(tcpReply(4000).ack(2).fin()));
        // The client uses its port again, which is another connection after TIME_WAIT only.
        bench.send(CLI, client(tcp(4000).syn()));
        assertThat(kernel.open()).as("the new one's").isEqualTo(2);
        assertThat(server().counters().connections()).isEqualTo(2);
        kernelForwards(server(tcpReply(4000).syn().ack(1)));
        kernelForwards(client(tcp(4000).ack(2)));
        assertThat(server().active()).isEqualTo(1);
        assertThat(connections()).extracting(ConnectionListing::state).contains("ESTABLISHED");
    }

    @Test
    void whatTheWorkerHasNoRoomForComesToIt() {
        streams(ForwardingMethod.MASQUERADE);
        connect(4000);
        byte[] end = client(tcp(4000).ack(2).fin());
        int forwarded = 0;
        while (kernel.forward(end) != null) {
            forwarded++;
        }
        assertThat(forwarded).isBetween(EventRing.CAPACITY / 2, EventRing.CAPACITY);
        assertThat(bench.send(CLI, end)).hasSize(1);
        assertThat(state()).isEqualTo("CLOSE_WAIT");
        assertThat(server().counters().inPackets()).isEqualTo(3L + forwarded + 1);
        bench.send(CLI, data(4000));
        assertThat(server().inactive()).isEqualTo(1);
    }

    @Test
    void anEventOfAFlowThatHasBeenTakenBackCounts() {
        streams(ForwardingMethod.MASQUERADE);
        connect(4000);
        kernelForwards(server(tcpReply(4000).ack(2).fin()));
        ServerId server = new ServerId(WorkerBench.address(SERVER), 8080);
        ServerSettings other = ServerSettings.of(ForwardingMethod.MASQUERADE, 2);
        bench.worker().director().editServer(STREAMS, server, other);
        assertThat(kernel.open()).isZero();
        assertThat(state()).isEqualTo("FIN_WAIT");
    }

    @Test
    void anEventOfAnotherConnectionInTheSamePlaceDoesNot() {
        streams(ForwardingMethod.MASQUERADE);
        connect(4000);
        int place = kernel.place(data(4000));
        kernel.table().events().put(place, 4, 4001 << 16 | 80);
        assertThat(state()).isEqualTo("ESTABLISHED");
        // Its flow is gone, and so is the connection, whose slot another one gets.
        kernelForwards(client(tcp(4000).rst()));
        bench.pass(11_000);
        assertThat(connections()).isEmpty();
        connect(5000);
        kernel.table().events().put(place, 4, 4000 << 16 | 80);
        kernel.table().events().put(kernel.place(data(5000)), 4, 4000 << 16 | 80);
        assertThat(state()).isEqualTo("ESTABLISHED");
        kernel.table().events().put(kernel.place(data(5000)), 4, 5000 << 16 | 80);
        assertThat(state()).isEqualTo("CLOSE");
    }

    @Test
    void aPlaceStaysEmptyForAsLongIfTheWorkerHasSleptBefore() {
        streams(ForwardingMethod.MASQUERADE);
        connect(4000);
        int place = kernel.place(data(4000));
        bench.inject(CLI, client(tcp(4000).rst()));
        bench.cycle(100);
        assertThat(kernel.open()).isZero();
        assertThat(kernel.table().claim(place)).isFalse();
        bench.cycle(1);
        bench.cycle(49);
        assertThat(kernel.table().claim(place)).isFalse();
        bench.cycle(1);
        assertThat(kernel.table().claim(place)).isTrue();
    }

    @Test
    void aShortTimeoutOfTheEndIsTheWorkers() {
        streams(ForwardingMethod.MASQUERADE);
        bench.worker().director().setTimeouts(new Timeouts(0, 2, 0));
        bench.send(CLI, client(tcp(4000).syn()));
        bench.send(SRV, server(tcpReply(4000).syn().ack(1)));
        bench.send(CLI, client(tcp(4000).ack(2)));
        bench.send(CLI, data(4000));
        assertThat(kernel.open()).isZero();
    }

    @Test
    void onlyTheFirstPacketOfAHandshakeComesToTheWorker() {
        streams(ForwardingMethod.MASQUERADE);
        bench.send(CLI, client(tcp(4000).syn()));
        assertThat(kernel.open()).isEqualTo(2);
        isTheWorkers(client(tcp(4000).syn()));
        isTheWorkers(client(tcp(4000).syn().ack(1)));
        isTheWorkers(server(tcpReply(4000).syn()));
        kernelForwards(server(tcpReply(4000).syn().ack(1)));
        assertThat(state()).isEqualTo("SYN_RECV");
        kernelForwards(client(tcp(4000).ack(2)));
        assertThat(state()).isEqualTo("ESTABLISHED");
        assertThat(server().active()).isEqualTo(1);
        kernelForwards(server(tcpReply(4000).ack(2)));
        assertThat(state()).isEqualTo("ESTABLISHED");
        // From here on it does not tell of all.
        isTheWorkers(server(tcpReply(4000).syn().ack(1)));
        kernelForwards(client(tcp(4000).ack(2)));
        kernelForwards(server(tcpReply(4000).ack(2)));
        assertThat(kernel.table().events().take()).isEqualTo(EventRing.NONE);
        kernelForwards(server(tcpReply(4000).ack(2).fin()));
        assertThat(state()).isEqualTo("FIN_WAIT");
    }

    @Test
    void aRefusedConnectionIsClosed() {
        streams(ForwardingMethod.MASQUERADE);
        bench.send(CLI, client(tcp(4000).syn()));
        kernelForwards(server(tcpReply(4000).rst().ack(1)));
        assertThat(state()).isEqualTo("CLOSE");
        assertThat(server().active()).isZero();
        for (int walk = 0; walk < 12; walk++) {
            bench.pass(250);
        }
        assertThat(kernel.open()).isZero();
    }

    @Test
    void secureTcpWaitsForTheServersNextPacket() {
        streams(ForwardingMethod.MASQUERADE);
        bench.worker().director().sysctls().set(Sysctl.SECURE_TCP, 3);
        bench.pass(2_000);
        bench.send(CLI, client(tcp(4000).syn()));
        kernelForwards(server(tcpReply(4000).syn().ack(1)));
        assertThat(state()).isEqualTo("SYNACK");
        kernelForwards(client(tcp(4000).ack(2)));
        assertThat(state()).isEqualTo("SYNACK");
        kernelForwards(server(tcpReply(4000).ack(2)));
        assertThat(state()).isEqualTo("ESTABLISHED");
    }

    @Test
    void openingConnectionsHaveABoundedShareThatTheyGiveBackSoon() {
        streams(ForwardingMethod.MASQUERADE);
        for (int port = 1; port <= 1_000; port++) {
            bench.send(CLI, client(tcp(port).syn()));
        }
        int share = kernel.table().capacity() / 8;
        assertThat(kernel.open()).isBetween(share / 2, share + 2);
        // One that opens is handed over all the same.
        for (int port = 2_000; port < 2_040; port++) {
            bench.send(CLI, client(tcp(port).syn()));
            bench.send(SRV, server(tcpReply(port).syn().ack(1)));
            bench.send(CLI, client(tcp(port).ack(2)));
            bench.send(CLI, data(port));
        }
        assertThat(kernel.open()).isGreaterThan(share + 40);
        int opened = 0;
        for (int walk = 0; walk < 6; walk++) {
            bench.pass(250);
            opened = 0;
            for (int port = 2_000; port < 2_040; port++) {
                opened += kernel.forward(data(port)) == null ? 0 : 1;
            }
        }
        assertThat(opened).isGreaterThan(30);
        assertThat(kernel.open()).as("all but those of established ones").isBetween(opened, 80);
    }

    @Test
    void whatIsSavedKnowsWhatTheKernelHasForwardedAndIsForwardedNoMore() {
        streams(ForwardingMethod.MASQUERADE);
        connect(4000);
        connect(4001);
        kernelForwards(client(tcp(4000).ack(2).fin()));
        List<SyncEntry> saved = new ArrayList<>();
        WorkerGroup group = new WorkerGroup(List.of(bench.worker()));
        new WorkerAdministration(group, () -> {}, null)
                .saveConnections(
                        (message, length, count) -> {
                            SyncMessageReader reader = new SyncMessageReader();
                            reader.begin(message, length, 0, SavedConnections.MOST_BYTES);
                            SyncEntry entry = new SyncEntry();
                            while (reader.next(entry) == SyncMessageReader.Step.ENTRY) {
                                saved.add(entry);
                                entry = new SyncEntry();
                            }
                            return true;
                        });
        assertThat(saved)
                .extracting(entry -> entry.clientPort + " " + TcpState.name(entry.state))
                .containsExactlyInAnyOrder("4000 CLOSE_WAIT", "4001 ESTABLISHED");
        assertThat(kernel.open()).isZero();
    }

    // Two virtual endpoints before one server: its replies to a client's port look alike.
    @Test
    void repliesAreThoseOfTheConnectionThatBeganLast() {
        streams(ForwardingMethod.MASQUERADE);
        bench.service(ServiceId.TCP, 81, ForwardingMethod.MASQUERADE, 8080);
        connect(4000);
        kernelForwards(client(tcp(4000).ack(2).fin()));
        kernelForwards(server(tcpReply(4000).ack(2).fin()));
        byte[] answer = server(tcpReply(4000).syn().ack(1));
        bench.send(CLI, client(tcp(4000).to(VIP, 81).syn()));
        assertThat(portOf(kernel.forward(answer))).isEqualTo(81);
        // The old one's client has something to say, and its flows may come and go.
        bench.send(CLI, data(4000));
        bench.pass(100);
        bench.send(CLI, data(4000));
        assertThat(portOf(kernel.forward(answer))).isEqualTo(81);
        kernelForwards(client(tcp(4000).to(VIP, 81).ack(1)));
        kernelForwards(client(tcp(4000).to(VIP, 81).rst()));
        passSeconds(20);
        assertThat(connections()).hasSize(1);
        byte[] late = server(tcpReply(4000).ack(2).payload("once more, of the old one"));
        assertThat(bench.send(SRV, late).getFirst()).contains(VIP + ":80");
    }

    private static int portOf(KernelTwin.@Nullable Sent sent) {
        byte[] frame = Objects.requireNonNull(sent).frame();
        return (frame[34] & 0xff) << 8 | (frame[35] & 0xff);
    }
}
