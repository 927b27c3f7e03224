package io.weir.bench.stage;

import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Time to build the lookup table of mh, as each change of a server does. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // set by JMH and setUp
public class MaglevBenchmark {
    /** The service's servers. */
    @Param({"1", "10", "100", "1000"})
    public int servers;

    private ServerFarm farm;

    /** Makes the service. */
    @Setup
    public void setUp() {
        farm = new ServerFarm("mh", servers, new SplittableRandom(3));
    }

    /** Builds the table. */
    @Benchmark
    public VirtualService build() {
        VirtualService service = farm.service();
        RealServer first = service.servers()[0];
        service.scheduler().serverEdited(service, first);
        return service;
    }

    ServerFarm farm() {
        return farm;
    }
}
