package io.weir.bench.jmh;

import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ScalarResult;

import java.util.List;

/**
 * Measures before and after each iteration, in the benchmark's own JVM, how fast an empty machine's
 * loop runs and how fast the core is. Whoever reads the results leaves out the iterations where it
 * was slow.
 */
public final class QuietGate implements InternalProfiler {
    /** The result that has the slower of both loops, in nanoseconds per step. */
    static final String STEP = "gate.step";

    /** The result that has the core's clock in GHz. */
    static final String CLOCK = "gate.clock";

    private double stepBefore;
    private double clockBefore;

    @Override
    public String getDescription() {
        return "Whether the machine was quiet, and the core's clock";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        clockBefore = CoreClock.gigahertz();
        stepBefore = CoreClock.stepNanos();
    }

    @Override
    public List<ScalarResult> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        double step = Math.max(stepBefore, CoreClock.stepNanos());
        double clock = Math.max(clockBefore, CoreClock.gigahertz());
        return List.of(
                new ScalarResult(STEP, step, "ns", AggregationPolicy.MAX),
                new ScalarResult(CLOCK, clock, "GHz", AggregationPolicy.MAX));
    }
}
