package io.weir.dataplane.director;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.PacketSelection;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncEntry;
import io.weir.dataplane.sync.SyncMessageWriter;
import io.weir.dataplane.sync.SyncRole;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What becomes of connections and templates that another balancer tells of. */
class SyncedConnectionsTest {
    private static final int SYNC_ID = 7;
    private static final String OTHER_SERVER = "10.2.0.12";
    private static final ServiceId SERVICE =
            ServiceId.of(ServiceId.TCP, WorkerBench.address(VIP), 80);

    private final List<Integer> taken = new ArrayList<>();
    private final EndpointSteering steered =
            new EndpointSteering() {
                @Override
                public boolean take(int protocol, Side side, long high, long low, int port) {
                    return taken.add(port);
                }

                @Override
                public void giveBack(int protocol, Side side, long high, long low, int port) {
                    taken.remove(Integer.valueOf(port));
                }
            };

    private WorkerBench bench = bench(4096);

    private WorkerBench bench(int connections) {
        WorkerBench.Options options = new WorkerBench.Options();
        options.connections = connections;
        options.steering = steered;
        return new WorkerBench(
                options,
                context -> new Unchanged(ForwardingMethod.MASQUERADE),
                context -> new Unchanged(ForwardingMethod.ROUTE));
    }

    private record Unchanged(ForwardingMethod method) implements Forwarder {
        @Override
        public void forward(PacketSelection packets, ConnectionTable connections) {}
    }

    @BeforeEach
    void listen() {
        bench.worker()
                .director()
                .synchronisation()
                .startBackup(
                        new SyncDaemon(
                                SyncRole.BACKUP,
                                "sync",
                                SYNC_ID,
                                1472,
                                SyncDaemon.DEFAULT_GROUP,
                                SyncDaemon.DEFAULT_PORT,
                                1),
                        null);
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static SyncEntry entry(int clientPort, String server) {
        SyncEntry entry = new SyncEntry();
        entry.protocol = ServiceId.TCP;
        entry.state = TcpState.ESTABLISHED;
        entry.clientLow = WorkerBench.address(CLIENT).low();
        entry.clientPort = clientPort;
        entry.virtualLow = WorkerBench.address(VIP).low();
        entry.virtualPort = 80;
        entry.serverLow = WorkerBench.address(server).low();
        entry.serverPort = 8080;
        entry.timeoutSeconds = 600;
        return entry;
    }

    private static SyncEntry template() {
        SyncEntry entry = entry(0, SERVER);
        entry.flags = SyncEntry.FLAG_TEMPLATE | SyncEntry.FLAG_INACTIVE;
        entry.state = 1;
        return entry;
    }

    private void tell(SyncEntry... entries) {
        tell(false, entries);
    }

    private void tell(boolean version0, SyncEntry... entries) {
        SyncMessageWriter writer = new SyncMessageWriter(SYNC_ID, 1472);
        writer.begin(version0);
        for (SyncEntry entry : entries) {
            assertThat(writer.append(entry)).isTrue();
        }
        int length = writer.finish();
        assertThat(
                        bench.worker()
                                .director()
                                .synchronisation()
                                .receiver()
                                .offer(Arrays.copyOf(writer.message(), length)))
                .isTrue();
        bench.run();
    }

    private void serve(String... servers) {
        bench.worker().director().addService(SERVICE, ServiceSettings.of("first"));
        for (String server : servers) {
            addServer(server);
        }
    }

    private void addServer(String server) {
        bench.worker()
                .director()
                .addServer(
                        SERVICE,
                        new ServerId(WorkerBench.address(server), 8080),
                        ServerSettings.of(ForwardingMethod.MASQUERADE, 1));
    }

    private List<ConnectionListing> connections() {
        List<ConnectionListing> all = new ArrayList<>();
        bench.worker().director().connections(all::add);
        return all;
    }

    private ConnectionListing only() {
        assertThat(connections()).hasSize(1);
        return connections().getFirst();
    }

    /** Active, inactive and persistent connections of a server. */
    private List<Long> counts(String server) {
        IpAddress address = WorkerBench.address(server);
        ServerListing listing =
                bench.worker().director().service(SERVICE).servers().stream()
                        .filter(one -> one.id().address().equals(address))
                        .findFirst()
                        .orElseThrow();
        return List.of(listing.active(), listing.inactive(), listing.persistent());
    }

    @Test
    void bindsToAServerThatDrains() {
        serve(SERVER, OTHER_SERVER);
        ServerId draining = new ServerId(WorkerBench.address(SERVER), 8080);
        bench.worker().director().drainServer(SERVICE, draining, true);
        tell(entry(4000, SERVER));
        assertThat(counts(SERVER)).containsExactly(1L, 0L, 0L);
        bench.worker().director().drainServer(SERVICE, draining, false);
        assertThat(counts(SERVER)).containsExactly(1L, 0L, 0L);
        bench.worker().director().expelServer(SERVICE, draining);
        bench.pass(1_000);
        assertThat(connections()).isEmpty();
    }

    @Test
    void bindsToItsOwnServer() {
        serve(SERVER);
        tell(entry(4000, SERVER));
        assertThat(only().synced()).isTrue();
        assertThat(only().state()).isEqualTo("ESTABLISHED");
        assertThat(only().expiresSeconds()).isEqualTo(600);
        assertThat(counts(SERVER)).containsExactly(1L, 0L, 0L);
        SyncEntry closing = entry(4000, SERVER);
        closing.state = TcpState.FIN_WAIT;
        closing.flags = SyncEntry.FLAG_INACTIVE;
        closing.timeoutSeconds = 0;
        tell(closing);
        assertThat(only().state()).isEqualTo("FIN_WAIT");
        assertThat(only().expiresSeconds()).isEqualTo(120);
        assertThat(counts(SERVER)).containsExactly(0L, 1L, 0L);
        bench.pass(150_000);
        assertThat(connections()).isEmpty();
        assertThat(counts(SERVER)).containsExactly(0L, 0L, 0L);
    }

    @Test
    void usesItsOwnTimeoutsWhereTheMessageSaysNone() {
        bench.worker().director().setTimeouts(new Timeouts(33, 0, 0));
        SyncEntry told = entry(4000, SERVER);
        told.timeoutSeconds = 0;
        tell(told);
        assertThat(only().expiresSeconds()).isEqualTo(33);
        told.timeoutSeconds = -1;
        tell(told);
        assertThat(only().expiresSeconds()).isEqualTo(4_294_967);
    }

    @Test
    void bindsWhenTheServerIsThereAndItIsToldAgain() {
        serve();
        tell(entry(4000, SERVER));
        addServer(SERVER);
        assertThat(counts(SERVER)).containsExactly(0L, 0L, 0L);
        tell(entry(4000, SERVER));
        assertThat(counts(SERVER)).containsExactly(1L, 0L, 0L);
        tell(entry(4000, SERVER));
        assertThat(counts(SERVER)).containsExactly(1L, 0L, 0L);
    }

    @Test
    void anotherServerReplacesUnlessTheConnectionIsOver() {
        serve(SERVER, OTHER_SERVER);
        tell(entry(4000, SERVER));
        SyncEntry over = entry(4000, OTHER_SERVER);
        over.flags = SyncEntry.FLAG_INACTIVE;
        tell(over);
        assertThat(only().server()).isEqualTo(WorkerBench.address(SERVER));
        tell(entry(4000, OTHER_SERVER));
        bench.pass(100);
        assertThat(only().server()).isEqualTo(WorkerBench.address(OTHER_SERVER));
        assertThat(counts(SERVER)).containsExactly(0L, 0L, 0L);
        assertThat(counts(OTHER_SERVER)).containsExactly(1L, 0L, 0L);
    }

    @Test
    void itsPacketsGoOn() {
        serve(SERVER);
        tell(entry(4000, SERVER));
        assertThat(bench.fromClient(Frames.tcp().from(CLIENT, 4000).to(VIP, 80).flags(0x10)))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("srv");
        assertThat(only().synced()).isTrue();
        assertThat(only().expiresSeconds()).isBetween(899, 900);
    }

    @Test
    void templatesLeadNewConnections() {
        bench.worker()
                .director()
                .addService(
                        SERVICE,
                        new ServiceSettings(
                                "first", 0, 360, ServiceSettings.WHOLE_ADDRESS, false, null));
        addServer(OTHER_SERVER);
        addServer(SERVER);
        SyncEntry told = template();
        told.serverLow = WorkerBench.address(OTHER_SERVER).low();
        tell(told);
        assertThat(only().state()).isEqualTo("ASSURED");
        assertThat(counts(OTHER_SERVER)).containsExactly(0L, 0L, 1L);
        bench.fromClient(Frames.tcp().from(CLIENT, 4001).to(VIP, 80).flags(0x02));
        assertThat(counts(OTHER_SERVER)).containsExactly(1L, 0L, 1L);
    }

    @Test
    void theFirstPacketFillsItsPortIn() {
        serve(SERVER);
        SyncEntry told = entry(0, SERVER);
        told.flags = SyncEntry.FLAG_NO_CLIENT_PORT;
        tell(told);
        assertThat(only().clientPort()).isZero();
        bench.fromClient(Frames.tcp().from(CLIENT, 4000).to(VIP, 80).flags(0x10));
        assertThat(only().clientPort()).isEqualTo(4000);
        assertThat(counts(SERVER)).containsExactly(1L, 0L, 0L);
        bench.fromClient(Frames.tcp().from(CLIENT, 4001).to(VIP, 80).flags(0x10));
        assertThat(only().clientPort()).isEqualTo(4000);
    }

    /** Packets of FTP's data connections are for no service, so that the host would take them. */
    @Test
    void packetsOfFtpDataAreTakenFromTheHost() {
        ServiceId ftp = ServiceId.of(ServiceId.TCP, WorkerBench.address(VIP), 21);
        bench.service(ftp, ServiceSettings.of("first"), ForwardingMethod.MASQUERADE, 21);
        SyncEntry control = entry(4000, SERVER);
        control.virtualPort = 21;
        control.serverPort = 21;
        SyncEntry data = entry(4001, SERVER);
        data.virtualPort = 6414;
        data.serverPort = 21;
        SyncEntry stranger = entry(4002, OTHER_SERVER);
        stranger.virtualPort = 22;
        tell(control, data, stranger);
        assertThat(connections()).hasSize(3);
        assertThat(taken).containsExactlyInAnyOrder(6414, 21);
        bench.pass(700_000);
        assertThat(connections()).isEmpty();
        assertThat(taken).isEmpty();
    }

    /** What becomes of packets of connections whose server is not known here. */
    @Test
    void theMethodDecidesWithoutServer() {
        serve();
        for (int method = 0; method <= SyncEntry.METHOD_MASK; method++) {
            SyncEntry told = entry(4000 + method, SERVER);
            told.flags = method;
            tell(told);
        }
        assertThat(segment(4000)).startsWith("srv");
        assertThat(segment(4003)).startsWith("srv");
        assertThat(segment(4002)).isEmpty();
        assertThat(segment(4004)).isEmpty();
        assertThat(bench.drops(DropReason.METHOD_UNSUPPORTED)).isEqualTo(2);
        for (int port : new int[] {4001, 4005, 4006, 4007}) {
            assertThat(segment(port)).as("method %d", port - 4000).startsWith("cli").contains("R");
        }
    }

    private String segment(int port) {
        return String.join(
                " ", bench.fromClient(Frames.tcp().from(CLIENT, port).to(VIP, 80).flags(0x10)));
    }

    @Test
    void onePacketFlowsOfVersion0AreNotKept() {
        SyncEntry told = entry(4000, SERVER);
        told.flags = SyncEntry.FLAG_ONE_PACKET;
        tell(true, told);
        assertThat(connections()).isEmpty();
        tell(told);
        assertThat(connections()).hasSize(1);
    }

    @Test
    void knowsClientsByItsEnginesOnly() {
        SyncEntry told = template();
        told.engineName[0] = 'x';
        told.engineNameLength = 1;
        told.engineData[0] = 'y';
        told.engineDataLength = 1;
        tell(told, entry(4000, SERVER));
        assertThat(only().clientPort()).isEqualTo(4000);
        assertThat(bench.drops(DropReason.SYNC_UNUSABLE)).isEqualTo(1);
    }

    /** A partner can fill the table, and not more than that. */
    @Test
    void theTableIsTheLimit() {
        bench.close();
        bench = bench(64);
        listen();
        for (int port = 1; port <= 100; port++) {
            tell(entry(port, SERVER));
        }
        assertThat(connections()).hasSize(64);
        assertThat(bench.drops(DropReason.SYNC_NO_ROOM)).isEqualTo(36);
        bench.pass(700_000);
        assertThat(connections()).isEmpty();
    }

    /** However entries come, the counts are those of the connections in the table. */
    @Test
    void countsWhatIsThere() {
        serve(SERVER, OTHER_SERVER);
        Random random = Seed.ofThisRun().random();
        Map<Integer, String> servers = new HashMap<>();
        Map<Integer, Boolean> active = new HashMap<>();
        for (int i = 0; i < 2_000; i++) {
            int port = 1 + random.nextInt(50);
            String server = random.nextBoolean() ? SERVER : OTHER_SERVER;
            boolean inactive = random.nextInt(3) == 0;
            SyncEntry told = entry(port, server);
            told.state = random.nextInt(11);
            told.flags = inactive ? SyncEntry.FLAG_INACTIVE : 0;
            tell(told);
            if (!inactive || server.equals(servers.getOrDefault(port, server))) {
                servers.put(port, server);
                active.put(port, !inactive);
            }
            if (i % 100 == 0) {
                bench.pass(100);
            }
        }
        bench.pass(100);
        assertThat(connections()).as(Seed.ofThisRun().toString()).hasSize(servers.size());
        for (String server : List.of(SERVER, OTHER_SERVER)) {
            long[] expected = new long[2];
            servers.forEach(
                    (port, of) -> {
                        if (of.equals(server)) {
                            expected[active.get(port) ? 0 : 1]++;
                        }
                    });
            assertThat(counts(server))
                    .as(Seed.ofThisRun().toString())
                    .containsExactly(expected[0], expected[1], 0L);
        }
    }
}
