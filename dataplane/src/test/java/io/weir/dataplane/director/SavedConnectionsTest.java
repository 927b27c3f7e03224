package io.weir.dataplane.director;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.PacketSelection;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Connections of one worker go on in another one. */
class SavedConnectionsTest {
    private static final ServiceId SERVICE =
            ServiceId.of(ServiceId.TCP, WorkerBench.address(VIP), 80);
    private static final int CONNECTIONS = 1_000;

    private final WorkerBench before = bench();
    private final WorkerBench after = bench();

    private record Unchanged() implements Forwarder {
        @Override
        public ForwardingMethod method() {
            return ForwardingMethod.MASQUERADE;
        }

        @Override
        public void forward(PacketSelection packets, ConnectionTable connections) {}
    }

    private static WorkerBench bench() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.connections = 4096;
        return new WorkerBench(options, context -> new Unchanged());
    }

    @AfterEach
    void close() {
        assertThat(before.faults()).isEmpty();
        assertThat(after.faults()).isEmpty();
        before.close();
        after.close();
    }

    private static void serve(WorkerBench bench) {
        bench.worker().director().addService(SERVICE, ServiceSettings.of("first"));
    }

    private static void addServer(WorkerBench bench) {
        bench.worker()
                .director()
                .addServer(
                        SERVICE,
                        new ServerId(WorkerBench.address(SERVER), 8080),
                        ServerSettings.of(ForwardingMethod.MASQUERADE, 1));
    }

    private static void open(WorkerBench bench, int port) {
        bench.fromClient(Frames.tcp().from(CLIENT, port).to(VIP, 80).flags(Tcp.SYN));
        bench.fromServer(Frames.tcp().from(SERVER, 8080).to(CLIENT, port).flags(0x12));
        bench.fromClient(Frames.tcp().from(CLIENT, port).to(VIP, 80).flags(0x10));
    }

    private static List<ConnectionListing> connections(WorkerBench bench) {
        List<ConnectionListing> all = new ArrayList<>();
        bench.worker().director().connections(all::add);
        all.sort(Comparator.comparingInt(ConnectionListing::clientPort));
        return all;
    }

    private List<byte[]> saved() {
        List<byte[]> messages = new ArrayList<>();
        before.worker()
                .director()
                .synchronisation()
                .saved()
                .save((message, length, count) -> messages.add(Arrays.copyOf(message, length)));
        return messages;
    }

    private int restore(List<byte[]> messages) {
        // A worker that has not run has no time yet.
        after.run();
        return messages.stream()
                .mapToInt(after.worker().director().synchronisation().saved()::restore)
                .sum();
    }

    private int bind(List<byte[]> messages) {
        return messages.stream()
                .mapToInt(after.worker().director().synchronisation().saved()::bind)
                .sum();
    }

    private static List<Long> counts(WorkerBench bench) {
        ServerListing server =
                bench.worker().director().service(SERVICE).servers().stream()
                        .findFirst()
                        .orElseThrow();
        return List.of(server.active(), server.inactive());
    }

    @Test
    void allGoOnWithTheTimeTheyHadLeft() {
        serve(before);
        addServer(before);
        for (int port = 1; port <= CONNECTIONS; port++) {
            open(before, port);
        }
        before.pass(100_000);
        serve(after);
        addServer(after);
        List<byte[]> messages = saved();
        assertThat(messages).hasSizeGreaterThan(3);
        assertThat(restore(messages)).isEqualTo(CONNECTIONS);
        assertThat(counts(after)).isEqualTo(counts(before)).containsExactly(1_000L, 0L);
        assertThat(connections(after))
                .hasSize(CONNECTIONS)
                .allSatisfy(
                        connection -> {
                            assertThat(connection.synced()).isFalse();
                            assertThat(connection.state()).isEqualTo("ESTABLISHED");
                            assertThat(connection.expiresSeconds()).isBetween(798, 801);
                        });
        after.pass(950_000);
        assertThat(connections(after)).isEmpty();
        assertThat(counts(after)).containsExactly(0L, 0L);
    }

    @Test
    void theyGoOnBeforeTheirServerIsThereAndBelongToItWhenItIs() {
        serve(before);
        addServer(before);
        open(before, 4000);
        open(before, 4001);
        List<byte[]> messages = saved();
        assertThat(restore(messages)).isEqualTo(2);
        serve(after);
        assertThat(bind(messages)).isEqualTo(2);
        assertThat(after.fromClient(Frames.tcp().from(CLIENT, 4000).to(VIP, 80).flags(0x10)))
                .first()
                .asString()
                .startsWith("srv");

        after.fromClient(Frames.tcp().from(CLIENT, 4001).to(VIP, 80).flags(0x11));
        addServer(after);
        assertThat(bind(messages)).isZero();
        assertThat(bind(messages)).isZero();
        assertThat(counts(after)).containsExactly(1L, 1L);
        assertThat(connections(after)).noneMatch(ConnectionListing::synced);
    }

    @Test
    void bindingBringsNothingBack() {
        serve(before);
        addServer(before);
        open(before, 4000);
        List<byte[]> messages = saved();
        serve(after);
        addServer(after);
        assertThat(bind(messages)).isZero();
        assertThat(connections(after)).isEmpty();
    }

    @Test
    void whatIsBrokenIsPassedOver() {
        assertThat(restore(List.of(new byte[0], new byte[8], new byte[40_000]))).isZero();
    }

    private boolean anyGoesOn() {
        return before.worker().director().synchronisation().saved().anyGoesOn();
    }

    @Test
    void aHalfClosedConnectionGoesOnAndOneThatIsOverDoesNot() {
        serve(before);
        addServer(before);
        assertThat(anyGoesOn()).isFalse();
        open(before, 4000);
        assertThat(anyGoesOn()).isTrue();
        before.fromClient(Frames.tcp().from(CLIENT, 4000).to(VIP, 80).flags(0x11));
        assertThat(counts(before)).as("not active").containsExactly(0L, 1L);
        assertThat(anyGoesOn()).isTrue();
        before.fromServer(Frames.tcp().from(SERVER, 8080).to(CLIENT, 4000).flags(0x11));
        assertThat(connections(before)).extracting(ConnectionListing::state).contains("TIME_WAIT");
        assertThat(anyGoesOn()).isFalse();
    }

    @Test
    void datagramsGoOnThatAreNeverActive() {
        before.service(ServiceId.UDP, 53, ForwardingMethod.MASQUERADE, 53);
        before.fromClient(Frames.udp().from(CLIENT, 4000).to(VIP, 53));
        assertThat(anyGoesOn()).isTrue();
        before.pass(600_000);
        assertThat(anyGoesOn()).isFalse();
    }
}
