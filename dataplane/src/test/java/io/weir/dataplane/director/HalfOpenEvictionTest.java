package io.weir.dataplane.director;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.flow.StateTimeouts;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.testing.FirstServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

final class HalfOpenEvictionTest {
    private static final int CAPACITY = 2000;
    private static final int RESERVE = CAPACITY / 16;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final ConnectionTable table = new ConnectionTable(CAPACITY, seed);
    private final ExpiryWheel wheel = new ExpiryWheel(table);
    private final ServerRegistry registry = new ServerRegistry();
    private final PersistenceData data = new PersistenceData(1, 1);
    private final ConnectionLife life =
            new ConnectionLife(
                    table,
                    data,
                    wheel,
                    registry,
                    new StateTimeouts(),
                    new Defence(new Sysctls(), table));
    private final DropCounters drops = new DropCounters();
    private final Admission admission = new Admission();
    private final HalfOpenEviction eviction = new HalfOpenEviction(table, life, admission, drops);
    private final RealServer server = server();
    private int nextClient;
    private int now = 1000;

    private RealServer server() {
        VirtualService service =
                new VirtualService(
                        ServiceId.of(ServiceId.TCP, IpAddress.v4(1), 80),
                        ServiceSettings.of("first"),
                        Objects.requireNonNull(
                                FirstServer.CATALOG.create("first", new Sysctls(), new Random(1))));
        ServerSettings settings = ServerSettings.of(ForwardingMethod.ROUTE, 1);
        return Objects.requireNonNull(
                registry.create(service, new ServerId(IpAddress.v4(2), 80), settings));
    }

    @AfterEach
    void close() {
        data.close();
        wheel.close();
        table.close();
    }

    private int begin(int protocol, int state) {
        nextClient++;
        Endpoints ends = new Endpoints().setV4(protocol, nextClient, 1).setPorts(1, 80);
        int slot = life.begin(ends, server, 80, 0);
        if (slot != ConnectionTable.NONE) {
            table.setState(slot, state);
            table.countPacket(slot);
        }
        return slot;
    }

    private void tick(int ticks) {
        now += ticks;
        life.setNow(now);
    }

    private long evicted() {
        return drops.get(DropReason.HALF_OPEN_EVICTED);
    }

    @Test
    void leavesATableAloneThatHasRoom() {
        for (int i = 0; i < CAPACITY - RESERVE; i++) {
            begin(ServiceId.TCP, TcpState.SYN_RECV);
        }
        assertThat(eviction.step()).isZero();
        begin(ServiceId.TCP, TcpState.SYN_RECV);
        assertThat(eviction.step()).as("too young").isZero();
        tick(HalfOpenEviction.HANDSHAKE_TICKS);
        assertThat(eviction.step()).isEqualTo(1);
        assertThat(evicted()).isEqualTo(1);
        assertThat(server.inactiveConnections()).isEqualTo(CAPACITY - RESERVE);
    }

    /**
     * A flood of which nothing is heard again, and clients that finish their handshakes a little
     * later, against lists of who has begun and who is established.
     */
    @Test
    void clientsComeThroughAFlood() {
        Map<Integer, Integer> begun = new HashMap<>();
        Map<Integer, Integer> clients = new HashMap<>();
        Set<Integer> established = new HashSet<>();
        double ranks = 0;
        for (int cycle = 0; cycle < 2_000; cycle++) {
            tick(1 + random.nextInt(2));
            for (int i = random.nextInt(30); i > 0; i--) {
                int slot = begin(ServiceId.TCP, TcpState.SYN_RECV);
                assertThat(slot).as("seed %d cycle %d", seed, cycle).isNotNegative();
                begun.put(slot, now);
            }
            if (established.size() < CAPACITY / 4) {
                int slot = begin(ServiceId.TCP, TcpState.SYN_RECV);
                begun.put(slot, now);
                clients.put(slot, now);
            }
            for (int slot : List.copyOf(clients.keySet())) {
                if (now - clients.get(slot) >= 3) {
                    clients.remove(slot);
                    begun.remove(slot);
                    table.setState(slot, TcpState.ESTABLISHED);
                    established.add(slot);
                }
            }
            int ended = eviction.step();
            List<Integer> gone = new ArrayList<>();
            for (int slot : begun.keySet()) {
                if (!table.used(slot)) {
                    gone.add(slot);
                }
            }
            assertThat(gone).as("seed %d cycle %d", seed, cycle).hasSize(ended);
            for (int slot : gone) {
                int since = begun.get(slot);
                long older = begun.values().stream().filter(other -> other < since).count();
                ranks += (double) older / begun.size();
                assertThat(now - since).isGreaterThanOrEqualTo(HalfOpenEviction.HANDSHAKE_TICKS);
            }
            gone.forEach(begun::remove);
            assertThat(established)
                    .as("seed %d cycle %d", seed, cycle)
                    .allMatch(slot -> table.state(slot) == TcpState.ESTABLISHED);
        }
        assertThat(evicted()).isGreaterThan(10 * CAPACITY);
        assertThat(established).as("seed %d", seed).hasSizeGreaterThanOrEqualTo(CAPACITY / 4);
        // The older of two is on average older than two thirds.
        assertThat(ranks / evicted()).as("seed %d", seed).isBetween(0.05, 0.4);
    }

    @Test
    void doesNotTouchWhatMustStay() {
        int udp = 0;
        for (int i = 0; i < CAPACITY; i++) {
            switch (i % 4) {
                case 0 -> begin(ServiceId.TCP, TcpState.ESTABLISHED);
                case 1 -> begin(ServiceId.TCP, TcpState.FIN_WAIT);
                case 2 -> {
                    int slot = begin(ServiceId.UDP, 0);
                    table.countPacket(slot);
                    udp++;
                }
                default -> {
                    int slot = begin(ServiceId.TCP, TcpState.SYN_RECV);
                    table.setFlags(slot, table.flags(slot) | ConnectionTable.FLAG_SYNCED);
                }
            }
        }
        for (int i = 0; i < 100; i++) {
            tick(1);
            assertThat(eviction.step()).isZero();
        }
        assertThat(table.size()).isEqualTo(CAPACITY);
        assertThat(udp).isPositive();
    }

    @Test
    void restsAfterARoundInVain() {
        for (int i = 0; i < CAPACITY - 1; i++) {
            begin(ServiceId.TCP, TcpState.ESTABLISHED);
        }
        tick(HalfOpenEviction.HANDSHAKE_TICKS);
        for (int i = 0; i < 10; i++) {
            assertThat(eviction.step()).isZero();
        }
        int late = begin(ServiceId.TCP, TcpState.SYN_RECV);
        assertThat(eviction.step()).as("rests").isZero();
        tick(100);
        for (int i = 0; i < 10 && table.used(late); i++) {
            eviction.step();
        }
        assertThat(table.used(late)).isFalse();
    }

    @Test
    void aDatagramThatWasAloneMakesRoom() {
        for (int i = 0; i < CAPACITY; i++) {
            begin(ServiceId.UDP, 0);
        }
        tick(HalfOpenEviction.HANDSHAKE_TICKS);
        int evicted = 0;
        for (int i = 0; i < 10; i++) {
            evicted += eviction.step();
        }
        assertThat(evicted).isEqualTo(RESERVE);
    }
}
