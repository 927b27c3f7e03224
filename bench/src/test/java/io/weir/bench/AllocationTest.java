package io.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import io.weir.bench.replay.ForwarderBenchmark;
import io.weir.bench.replay.NewConnectionBenchmark;
import io.weir.bench.replay.WorkerBenchmark;
import io.weir.bench.stage.ConnectionTableBenchmark;
import io.weir.bench.stage.ParserBenchmark;
import io.weir.bench.stage.RoutingBenchmark;
import io.weir.bench.stage.SchedulerBenchmark;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.management.ManagementFactory;
import java.util.function.IntSupplier;

/** That a packet costs no byte of heap, whatever is done with it. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 50;
    private static final int TURNS = 200;

    // The first rounds load classes and fill caches; code that allocates does so in every round.
    private void assertAllocatesNothing(IntSupplier work) {
        long least = Long.MAX_VALUE;
        long sum = 0;
        for (int round = 0; round < ROUNDS && least > 0; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < TURNS; i++) {
                sum += work.getAsInt();
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes; the sum of all results is %s", sum).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "masquerade", "ipip", "gue", "gre", "mixed"})
    void worker(String method) {
        WorkerBenchmark.Replay replay = new WorkerBenchmark.Replay();
        replay.method = method;
        replay.flows = 1000;
        replay.order = "uniform";
        replay.newPercent = 0;
        replay.setUp();
        WorkerBenchmark benchmark = new WorkerBenchmark();
        assertAllocatesNothing(() -> benchmark.worker(replay));
        replay.tearDown();
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "masquerade", "ipip"})
    void newConnections(String method) {
        NewConnectionBenchmark.Filling filling = new NewConnectionBenchmark.Filling();
        filling.method = method;
        filling.scheduler = "rr";
        filling.setUp();
        filling.empty();
        NewConnectionBenchmark benchmark = new NewConnectionBenchmark();
        assertAllocatesNothing(() -> benchmark.filling(filling));
        filling.tearDown();
    }

    @ParameterizedTest
    @ValueSource(strings = {"masquerade-reply", "gue-checksum", "gre-checksum"})
    void forwarders(String method) {
        ForwarderBenchmark benchmark = new ForwarderBenchmark();
        benchmark.method = method;
        benchmark.setUp();
        assertAllocatesNothing(() -> benchmark.forward().size());
        benchmark.tearDown();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "tcp-options", "fragment", "ipv6-tcp", "ipv6-fragment"})
    void parser(String packet) {
        ParserBenchmark benchmark = new ParserBenchmark();
        benchmark.packet = packet;
        benchmark.setUp();
        assertAllocatesNothing(benchmark::parse);
        benchmark.tearDown();
    }

    @ParameterizedTest
    @MethodSource("io.weir.bench.stage.StageBenchmarksTest#schedulerNames")
    void schedulers(String scheduler) {
        SchedulerBenchmark benchmark = new SchedulerBenchmark();
        benchmark.scheduler = scheduler;
        benchmark.servers = 100;
        benchmark.setUp();
        assertAllocatesNothing(benchmark::select);
        assertAllocatesNothing(benchmark::counted);
    }

    @ParameterizedTest
    @ValueSource(ints = 1000)
    void tableAndRoutes(int size) {
        ConnectionTableBenchmark table = new ConnectionTableBenchmark();
        table.entries = size;
        table.setUp();
        assertAllocatesNothing(
                () -> (int) table.hitTouched() + table.miss() + table.insertAndRemove());
        table.tearDown();
        RoutingBenchmark routing = new RoutingBenchmark();
        routing.routes = size;
        routing.setUp();
        assertAllocatesNothing(() -> routing.ipv4() + routing.ipv6());
    }
}
