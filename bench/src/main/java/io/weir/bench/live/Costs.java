package io.weir.bench.live;

import java.io.IOException;

/** Processor time from a moment on. */
final class Costs {
    private final Contender.Running contender;
    private final long machine;
    private final long own;

    private Costs(Contender.Running contender, long machine, long own) {
        this.contender = contender;
        this.machine = machine;
        this.own = own;
    }

    static Costs begin(Measure.Turn turn) throws IOException {
        Contender.Running contender = turn.contender();
        return new Costs(
                contender,
                ProcessorTime.ofMachine(),
                ProcessorTime.ofProcesses(contender.processes()));
    }

    /**
     * Of everybody since the beginning: client, balancer, servers, the kernel's work for them, and
     * whatever else runs.
     */
    double machineNanos() throws IOException {
        return ProcessorTime.ofMachine() - machine;
    }

    /** Of the contender's processes since the beginning; the kernel's own work is nobody's. */
    double contenderNanos() throws IOException {
        return ProcessorTime.ofProcesses(contender.processes()) - own;
    }
}
