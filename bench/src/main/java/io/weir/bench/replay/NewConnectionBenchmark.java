package io.weir.bench.replay;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.util.concurrent.TimeUnit;

/**
 * Time for a SYN that begins a connection: parse, look for it in vain, schedule, insert, start a
 * timer, forward.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class NewConnectionBenchmark {
    /** A worker without connections. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // set by JMH and setUp
    public abstract static class Arrivals {
        /** A {@link ReplayedMethod}. */
        @Param({"direct", "masquerade", "ipip"})
        public String method;

        /** The service's scheduler. */
        @Param({"rr", "wlc", "mh"})
        public String scheduler;

        ReplayedWorker replayed;

        void open() {
            ReplayedMethod chosen = ReplayedMethod.named(method);
            int capacity = ReplayedWorker.Plan.of(chosen, 0).capacity();
            replayed = new ReplayedWorker(new ReplayedWorker.Plan(chosen, 0, capacity, scheduler));
        }

        /** Checks that each SYN was sent on; a full table would have dropped it. */
        @TearDown(Level.Iteration)
        public void verify() {
            replayed.verify();
        }

        /** Frees the table. */
        @TearDown
        public void tearDown() {
            replayed.close();
        }
    }

    /** The table is empty before each iteration, and nothing expires. */
    public static class Filling extends Arrivals {
        private static final long CYCLE_NANOS = 15_000;

        /** Makes the worker. */
        @Setup
        public void setUp() {
            open();
        }

        /** Empties the table. */
        @Setup(Level.Iteration)
        public void empty() {
            replayed.expireAll();
            replayed.replayNewFlows(CYCLE_NANOS);
        }
    }

    /**
     * About 650,000 connections that nobody answered are in the table; one expires for each new.
     */
    public static class Steady extends Arrivals {
        // A tenth of a millisecond for each SYN of a burst.
        private static final long CYCLE_NANOS = ReplayPort.FRAMES * 100_000L;
        private static final long LIFE_NANOS = 70_000_000_000L;

        /** Fills the table. */
        @Setup
        public void setUp() {
            open();
            replayed.replayNewFlows(CYCLE_NANOS);
            replayed.pass(LIFE_NANOS);
        }
    }

    /** New connections while the table fills. */
    @Benchmark
    @OperationsPerInvocation(ReplayPort.FRAMES)
    public int filling(Filling arrivals) {
        return arrivals.replayed.cycle();
    }

    /** New connections while as many expire. */
    @Benchmark
    @OperationsPerInvocation(ReplayPort.FRAMES)
    public int expiring(Steady arrivals) {
        return arrivals.replayed.cycle();
    }
}
