package io.weir.bench.live;

import java.io.IOException;

/** Processor time from a moment on, in nanoseconds. */
final class Costs {
    private final Measure.Turn turn;
    private final long machine;
    private final long balancer;
    private final long own;

    private Costs(Measure.Turn turn) throws IOException {
        this.turn = turn;
        machine = ProcessorTime.ofMachine();
        balancer = balancer();
        own = ProcessorTime.ofProcesses(turn.contender().processes());
    }

    static Costs begin(Measure.Turn turn) throws IOException {
        return new Costs(turn);
    }

    private long balancer() throws IOException {
        String processor = turn.site().layout().placement().balancer();
        return processor.isEmpty() ? 0 : ProcessorTime.ofProcessor(processor);
    }

    /**
     * Of everybody since the beginning: client, balancer, servers, the kernel's work for them, and
     * whatever else runs.
     */
    double machineNanos() throws IOException {
        return ProcessorTime.ofMachine() - machine;
    }

    /** Of the balancer's processor, where it has one of its own: the kernel's work is in it. */
    double balancerNanos() throws IOException {
        return balancer() - balancer;
    }

    /** Of the contender's processes; what the kernel does in softirqs of others is not in it. */
    double contenderNanos() throws IOException {
        return ProcessorTime.ofProcesses(turn.contender().processes()) - own;
    }
}
