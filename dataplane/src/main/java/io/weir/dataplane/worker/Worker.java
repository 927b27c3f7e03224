package io.weir.dataplane.worker;

import io.weir.dataplane.director.Director;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.offload.SynCredit;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.PacketBurst;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The loop that every packet passes: receive a burst, parse, find or schedule, account, forward,
 * transmit, housekeeping.
 *
 * <p>One thread at a time runs it and owns everything below it. It never throws: a fault in weir
 * itself costs the rest of its burst, is counted and reported.
 */
public final class Worker implements AutoCloseable {
    private static final int EXPIRY_BUDGET = 256;

    private final PacketBurst burst = new PacketBurst();
    private final Pipeline pipeline;
    private final CommandQueue commands = new CommandQueue();
    private final LongSupplier clock;
    private final Consumer<Throwable> onFault;
    private @Nullable SynCredit synCredit;
    private long received;

    public Worker(WorkerOptions options) {
        this.pipeline = new Pipeline(options);
        this.clock = options.clock();
        this.onFault = options.onFault();
    }

    /**
     * One cycle over all ports.
     *
     * @return how much was done; 0 when there was nothing to do
     */
    public int runOnce() {
        startCycle(clock.getAsLong());
        int work = runCommands();
        LinkPorts ports = pipeline.ports();
        for (int i = 0; i < ports.size(); i++) {
            work += runOnce(ports.get(i));
        }
        return work + housekeeping();
    }

    private void startCycle(long nowMillis) {
        pipeline.startCycle(nowMillis);
        SynCredit credit = synCredit;
        if (credit != null) {
            credit.startCycle(nowMillis, received);
            drops().count(DropReason.SYN_BACKLOG, credit.takeRefused());
        }
    }

    private int runCommands() {
        try {
            return commands.run();
        } catch (RuntimeException fault) {
            faulted(fault);
            return 1;
        }
    }

    private int runOnce(LinkPort in) {
        burst.clear();
        int frames = in.port().receive(burst);
        if (frames == 0) {
            return 0;
        }
        received += frames;
        try {
            pipeline.parse(burst, in);
            pipeline.findOrScheduleAndAccount(burst, in);
            pipeline.forward();
            pipeline.transmit(burst);
        } catch (RuntimeException fault) {
            pipeline.abandon();
            faulted(fault);
        }
        pipeline.flush();
        in.port().release();
        return frames;
    }

    private int housekeeping() {
        try {
            return pipeline.housekeeping(EXPIRY_BUDGET);
        } catch (RuntimeException fault) {
            faulted(fault);
            return 0;
        }
    }

    private void faulted(RuntimeException fault) {
        drops().count(DropReason.INTERNAL_ERROR);
        onFault.accept(fault);
    }

    /**
     * How long the worker may sleep if nothing comes, in milliseconds, without being late for what
     * time brings.
     */
    public int quietMillis() {
        return pipeline.director().quietMillis();
    }

    /** Runs something on the worker's thread between two bursts; any thread. */
    public CommandQueue commands() {
        return commands;
    }

    /** Lets the kernel refuse SYNs of which too many wait for the worker; before it runs. */
    public void limitSyns(SynCredit credit) {
        synCredit = credit;
    }

    public Director director() {
        return pipeline.director();
    }

    /** Adds and removes ports, takes network news; worker thread. */
    public Pipeline pipeline() {
        return pipeline;
    }

    /** Frames received since it was made; any thread reads some recent value. */
    public long received() {
        return received;
    }

    public DropCounters drops() {
        return pipeline.drops();
    }

    /**
     * The fragments that were neither dropped nor went on by themselves: they wait for others, or
     * became a part of a datagram that did.
     */
    public long heldFragments() {
        return pipeline.fragments().held();
    }

    /** Frees the tables; nobody may use the worker any more. */
    @Override
    public void close() {
        pipeline.close();
    }
}
