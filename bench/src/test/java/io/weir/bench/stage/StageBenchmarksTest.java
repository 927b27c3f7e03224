package io.weir.bench.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.SlowChecksum;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Param;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** That each stage's benchmark does what it claims to measure. */
public class StageBenchmarksTest {
    private static final int BURST = PacketBurst.CAPACITY;

    @ParameterizedTest
    @CsvSource({
        "tcp, '11.0.0.63:1024 > 10.1.0.100:80 tcp A seq 0 ack 0 win 1000 len 6 df'",
        "udp, '11.0.0.63:1024 > 10.1.0.100:80 udp len 6 df'",
        "tcp-options, '11.0.0.63:1024 > 10.1.0.100:80 tcp A seq 0 ack 0 win 1000 len 6 df options"
                + " 8'",
        "fragment, '11.0.0.63:1024 > 10.1.0.100:80 udp len 6 fragment 0+'",
        "ipv6-tcp, '[fd0b::40]:1024 > [fd01::100]:80 tcp A seq 0 ack 0 win 1000 len 6'",
        "ipv6-fragment, '[fd0b::40]:1024 > [fd01::100]:80 udp len 6 fragment 0'"
    })
    void parser(String packet, String words) {
        ParserBenchmark benchmark = new ParserBenchmark();
        benchmark.packet = packet;
        benchmark.setUp();
        assertThat(benchmark.parse()).isEqualTo(BURST);
        Packet last = benchmark.burst().get(BURST - 1);
        assertThat(FrameWords.packet(Memory.bytes(last.ip(), last.ipBytes()))).isEqualTo(words);
        if (!packet.endsWith("fragment")) {
            assertThat(last.sourcePort()).isEqualTo(1024);
            assertThat(last.destinationPort()).isEqualTo(80);
        }
        benchmark.tearDown();
    }

    @Test
    void checksums() {
        ChecksumBenchmark benchmark = new ChecksumBenchmark();
        benchmark.setUp();
        assertThat(benchmark.full20()).isEqualTo(slowly(benchmark, ChecksumBenchmark.HEADER_BYTES));
        assertThat(benchmark.full40()).isEqualTo(slowly(benchmark, ChecksumBenchmark.SHORT_BYTES));
        assertThat(benchmark.full1460()).isEqualTo(slowly(benchmark, ChecksumBenchmark.LONG_BYTES));
        int updates = 0;
        for (int i = 0; i < ChecksumBenchmark.COUNT; i++) {
            int old = benchmark.old(i);
            int changed = benchmark.changed(i);
            int sum = (~old & 0xffff) + 2 * 0xffff * 2;
            sum += (~old >>> 16) + (~old & 0xffff) + (changed >>> 16) + (changed & 0xffff);
            sum += (~old >>> 16) + (changed >>> 16);
            updates ^= ~(sum % 0xffff) & 0xffff;
        }
        assertThat(benchmark.update()).isEqualTo(updates);
        assertThat(benchmark.sctp1460()).isNotZero();
        benchmark.tearDown();
    }

    private static int slowly(ChecksumBenchmark benchmark, int bytes) {
        int result = 0;
        for (int i = 0; i < ChecksumBenchmark.COUNT; i++) {
            result ^= SlowChecksum.checksum(Memory.bytes(benchmark.data(i), bytes));
        }
        return result;
    }

    @Test
    void connectionTable() {
        ConnectionTableBenchmark benchmark = new ConnectionTableBenchmark();
        benchmark.entries = 5000;
        benchmark.setUp();
        assertThat(benchmark.table().size()).isEqualTo(5000);
        for (int i = 0; i < 100; i++) {
            assertThat(benchmark.hit()).isEqualTo(BURST);
            assertThat((int) benchmark.hitTouched()).isEqualTo(BURST);
            assertThat((int) benchmark.hitReplyTouched()).isEqualTo(BURST);
            assertThat(benchmark.miss()).isZero();
            assertThat((int) benchmark.missTouched()).isZero();
        }
        benchmark.tearDown();
    }

    @Test
    void insertionAndRemoval() {
        ConnectionTableBenchmark benchmark = new ConnectionTableBenchmark();
        benchmark.entries = 100_000;
        benchmark.setUp();
        assertThat(benchmark.insertAndRemove()).isEqualTo(BURST);
        assertThat(benchmark.table().size()).isEqualTo(100_000);
        assertThat(benchmark.hit()).isEqualTo(BURST);
        benchmark.tearDown();
    }

    /** The schedulers that are measured. */
    public static String[] schedulerNames() throws NoSuchFieldException {
        return SchedulerBenchmark.class.getField("scheduler").getAnnotation(Param.class).value();
    }

    @ParameterizedTest
    @MethodSource("schedulerNames")
    void schedulers(String name) {
        SchedulerBenchmark benchmark = new SchedulerBenchmark();
        benchmark.scheduler = name;
        benchmark.servers = 10;
        benchmark.setUp();
        assertThat(benchmark.farm().service().scheduler().name()).isEqualTo(name);
        assertThat(benchmark.select()).isBetween(0, BURST * 9);
        Set<RealServer> chosen = new HashSet<>();
        for (int i = 0; i < SchedulerBenchmark.FLOWS; i++) {
            chosen.add(
                    benchmark
                            .farm()
                            .service()
                            .scheduler()
                            .select(benchmark.farm().service(), benchmark.flow(i), 1_000_000));
        }
        // Load does not change here, so what goes by load alone stays with one server.
        boolean spreads = Set.of("rr", "wrr", "dh", "sh", "mh", "twos").contains(name);
        assertThat(chosen).doesNotContainNull().hasSizeBetween(spreads ? 9 : 1, 10);
        int before = connections(benchmark);
        for (int i = 0; i < 2 * CountedConnections.COUNT / BURST; i++) {
            benchmark.counted();
        }
        assertThat(connections(benchmark) - before).isEqualTo(CountedConnections.COUNT);
    }

    private static int connections(SchedulerBenchmark benchmark) {
        return Stream.of(benchmark.farm().service().servers())
                .mapToInt(server -> server.activeConnections() + server.inactiveConnections())
                .sum();
    }

    @Test
    void maglev() {
        MaglevBenchmark benchmark = new MaglevBenchmark();
        benchmark.servers = 10;
        benchmark.setUp();
        RealServer first = benchmark.build().servers()[0];
        first.configure(ServerSettings.of(ForwardingMethod.ROUTE, 1));
        int light = shareByMaglev(benchmark.build(), first);
        first.configure(ServerSettings.of(ForwardingMethod.ROUTE, 8));
        // The table is of the weights that it was built with.
        VirtualService service = benchmark.farm().service();
        assertThat(shareByMaglev(service, first)).isEqualTo(light).isPositive();
        assertThat(shareByMaglev(benchmark.build(), first)).isGreaterThan(4 * light);
    }

    /** How many of 10,000 flows a server has. */
    private static int shareByMaglev(VirtualService service, RealServer server) {
        int share = 0;
        for (int i = 0; i < 10_000; i++) {
            FlowKey flow = new FlowKey().setV4(6, i, 1024 + i % 60_000, 7, 80);
            share += server.equals(service.scheduler().select(service, flow, 1_000_000)) ? 1 : 0;
        }
        return share;
    }

    @Test
    void tcpStates() {
        TcpStateBenchmark benchmark = new TcpStateBenchmark();
        int state = TcpState.NONE;
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < TcpStateBenchmark.STEPS; i++) {
            state = TcpState.next(false, benchmark.direction(i), state, benchmark.flags(i));
            seen.add(state);
        }
        assertThat(benchmark.follow()).isEqualTo(state);
        assertThat(seen).hasSizeGreaterThan(5);
    }

    @Test
    void renewal() {
        ExpiryBenchmark.Timed timed = new ExpiryBenchmark.Timed();
        timed.entries = 1000;
        timed.setUp();
        int first = timed.slot(0);
        new ExpiryBenchmark().renew(timed);
        assertThat(timed.now()).isEqualTo(1);
        assertThat(timed.wheel().idleTicks(first, timed.now())).isZero();
        timed.tearDown();
    }

    @Test
    void asManyExpireAsCome() {
        ExpiryBenchmark.Passing passing = new ExpiryBenchmark.Passing();
        passing.setUp();
        long before = passing.expired();
        assertThat(before).isPositive();
        for (int i = 0; i < ExpiryBenchmark.Passing.FULL_TICKS; i++) {
            new ExpiryBenchmark().life(passing);
        }
        long expired = passing.expired() - before;
        long inserted = (long) ExpiryBenchmark.Passing.FULL_TICKS * ExpiryBenchmark.BURST;
        assertThat(expired).isBetween(inserted * 9 / 10, inserted * 11 / 10);
        passing.tearDown();
    }

    @Test
    void routes() {
        RoutingBenchmark benchmark = new RoutingBenchmark();
        benchmark.routes = 1000;
        benchmark.setUp();
        int narrow = 0;
        int wide = 0;
        for (int i = 0; i < RoutingBenchmark.BURST; i++) {
            narrow += longest(benchmark.all(), benchmark.address(i)) + 1;
            wide += longest(benchmark.all(), benchmark.wideAddress(i)) + 1;
        }
        assertThat(narrow).isGreaterThan(RoutingBenchmark.BURST);
        assertThat(benchmark.ipv4()).isEqualTo(narrow);
        RoutingBenchmark again = new RoutingBenchmark();
        again.routes = 1000;
        again.setUp();
        assertThat(again.ipv6()).isEqualTo(wide);
    }

    private static int longest(List<Route> routes, IpAddress address) {
        return routes.stream()
                .filter(route -> route.destination().ipv6() == address.ipv6())
                .filter(route -> address.matches(route.destination(), route.prefixLength()))
                .mapToInt(Route::prefixLength)
                .max()
                .orElse(-1);
    }
}
