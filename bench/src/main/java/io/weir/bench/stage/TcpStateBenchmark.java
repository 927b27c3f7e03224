package io.weir.bench.stage;

import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.header.Tcp;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Time for a step of the TCP state machine, with random segments, so that no branch is foreseen.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class TcpStateBenchmark {
    static final int STEPS = 1024;

    private static final int[] FLAGS = {
        Tcp.ACK, Tcp.ACK, Tcp.ACK | Tcp.PSH, Tcp.SYN, Tcp.SYN | Tcp.ACK, Tcp.FIN | Tcp.ACK, Tcp.RST
    };

    private final byte[] flags = new byte[STEPS];
    private final byte[] directions = new byte[STEPS];

    public TcpStateBenchmark() {
        SplittableRandom random = new SplittableRandom(13);
        for (int i = 0; i < STEPS; i++) {
            flags[i] = (byte) FLAGS[random.nextInt(FLAGS.length)];
            directions[i] = (byte) random.nextInt(3);
        }
    }

    /** Follows one connection through all segments; returns its last state. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public int follow() {
        int state = TcpState.NONE;
        for (int i = 0; i < STEPS; i++) {
            state = TcpState.next(false, directions[i], state, flags[i]);
        }
        return state;
    }

    int flags(int step) {
        return flags[step];
    }

    int direction(int step) {
        return directions[step];
    }
}
