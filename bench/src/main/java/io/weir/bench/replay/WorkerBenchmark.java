package io.weir.bench.replay;

import io.weir.dataplane.packet.PacketBurst;

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
 * Time for a packet in the whole worker: parsing, connection table, TCP state, timers, counters,
 * routing, rewriting, housekeeping. The difference of {@link #worker} and {@link #portsAlone} is
 * weir's.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WorkerBenchmark {
    /** Packets of an invocation, of both directions together. */
    static final int PACKETS = 128;

    /** A worker with established flows. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // set by JMH and setUp
    public static class Replay {
        // So long does a connection that was never answered live, the wheel's lateness included.
        private static final long HALF_OPEN_NANOS = 70_000_000_000L;

        // A real cycle takes about this long.
        private static final long CYCLE_NANOS = 5_000;

        // Each new flow lets a millisecond pass: about 67,000 are half-open at a time.
        private static final long NANOS_PER_NEW_PERCENT = 640_000;

        /** A {@link ReplayedMethod}. */
        @Param({"direct", "masquerade", "ipip", "gue", "gre", "mixed"})
        public String method;

        /** Established flows. */
        @Param({"1000", "100000", "1000000"})
        public int flows;

        /** Whose packets come: uniform or zipf. */
        @Param({"uniform", "zipf"})
        public String order;

        /** Of the clients' packets, those that begin a connection. */
        @Param({"0", "1", "10"})
        public int newPercent;

        private ReplayedWorker replayed;
        private int cycles;
        private final PacketBurst burst = new PacketBurst();

        /** Establishes the flows. */
        @Setup
        public void setUp() {
            ReplayedMethod chosen = ReplayedMethod.named(method);
            cycles = PACKETS / (chosen.clientFrames() + chosen.serverFrames());
            replayed = new ReplayedWorker(ReplayedWorker.Plan.of(chosen, flows));
            if (newPercent == 0) {
                replayed.replay(order.equals("zipf"), 0, CYCLE_NANOS);
            } else {
                replayed.replay(
                        order.equals("zipf"), newPercent, newPercent * NANOS_PER_NEW_PERCENT);
                replayed.pass(HALF_OPEN_NANOS);
            }
        }

        /** Checks that every packet was forwarded. */
        @TearDown(Level.Iteration)
        public void verify() {
            replayed.verify();
        }

        /** Frees the table. */
        @TearDown
        public void tearDown() {
            replayed.close();
        }

        ReplayedWorker replayed() {
            return replayed;
        }
    }

    /** Packets through the worker. */
    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public int worker(Replay replay) {
        int work = 0;
        for (int i = 0; i < replay.cycles; i++) {
            work += replay.replayed.cycle();
        }
        return work;
    }

    /** The same packets written by the ports, and no worker. */
    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public int portsAlone(Replay replay) {
        int frames = 0;
        for (int i = 0; i < replay.cycles; i++) {
            frames += replay.replayed.portsAlone(replay.burst);
        }
        return frames;
    }
}
