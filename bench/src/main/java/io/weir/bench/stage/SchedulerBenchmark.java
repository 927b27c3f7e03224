package io.weir.bench.stage;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.spi.Scheduler;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Time to choose a server for a new connection. Servers have weights of 1 to 8 and up to 50 active
 * and inactive connections each; clients and virtual addresses are 1024 different ones.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // set by JMH and setUp
public class SchedulerBenchmark {
    static final int FLOWS = 1024;
    static final int BURST = 64;

    /** The scheduler's name. */
    @Param({
        "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh",
        "twos"
    })
    public String scheduler = "";

    /** The service's servers. */
    @Param({"1", "10", "100", "1000"})
    public int servers;

    private final FlowKey[] flows = new FlowKey[FLOWS];
    private ServerFarm farm;
    private final CountedConnections connections = new CountedConnections();
    private int next;

    /** Makes the service. */
    @Setup
    public void setUp() {
        SplittableRandom random = new SplittableRandom(3);
        farm = new ServerFarm(scheduler, servers, random);
        for (int i = 0; i < FLOWS; i++) {
            flows[i] =
                    new FlowKey()
                            .setV4(
                                    6,
                                    random.nextInt(),
                                    1024 + random.nextInt(60_000),
                                    random.nextInt(),
                                    80);
        }
    }

    /** Chooses servers, whose loads stay as they are; the sum of their numbers. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int select() {
        int numbers = 0;
        Scheduler chosen = farm.service().scheduler();
        for (int i = 0; i < BURST; i++) {
            RealServer server = chosen.select(farm.service(), flows[next + i], 1_000_000);
            numbers += server == null ? -1_000_000 : server.number();
        }
        next = next + BURST & FLOWS - 1;
        return numbers;
    }

    /**
     * The same with loads that change: the connection is counted, an earlier one becomes active,
     * one inactive, and one ends. Where nobody is chosen, the first server gets it.
     */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int counted() {
        int numbers = 0;
        Scheduler chosen = farm.service().scheduler();
        for (int i = 0; i < BURST; i++) {
            RealServer server = chosen.select(farm.service(), flows[next + i], 1_000_000);
            connections.add(server == null ? farm.service().servers()[0] : server);
            numbers += server == null ? -1_000_000 : server.number();
        }
        next = next + BURST & FLOWS - 1;
        return numbers;
    }

    ServerFarm farm() {
        return farm;
    }

    FlowKey flow(int index) {
        return flows[index];
    }
}
