package io.weir.control;

import io.weir.control.ipvsadm.Names;
import io.weir.control.ipvsadm.RuleScript;
import io.weir.control.ipvsadm.RuleScriptException;
import io.weir.control.mark.MarkException;
import io.weir.control.mark.MarkScript;
import io.weir.control.masquerade.MasqueradeScript;
import io.weir.dataplane.director.WorkerShare;
import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.PacketWaiter;
import io.weir.dataplane.io.memory.ParkingWaiter;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.net.NeighbourResolver;
import io.weir.dataplane.sync.SyncNetwork;
import io.weir.dataplane.worker.WorkerOptions;
import io.weir.dr.BypassForwarder;
import io.weir.dr.DirectRouteForwarder;
import io.weir.dr.TunnelForwarder;
import io.weir.nat.MasqueradeForwarder;
import io.weir.nat.ftp.FtpGateway;
import io.weir.schedulers.Schedulers;

import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/** What can be chosen before a balancer exists. */
public final class BalancerBuilder {
    int workers = 1;
    private int connections = 1 << 16;
    private boolean routing = true;
    private boolean routingIpv6 = true;
    private int icmpErrorsPerSecond = WorkerOptions.DEFAULT_ICMP_ERRORS;
    private int fragmentedDatagrams = 32;
    private EndpointSteering steering = EndpointSteering.NONE;
    MarkTable marks = MarkTable.EMPTY;
    MasqueradeTable masquerade = MasqueradeTable.EMPTY;
    private @Nullable NeighbourResolver resolver;
    private LongSupplier nanoClock = System::nanoTime;
    private LongSupplier universalTime = System::currentTimeMillis;
    private long seed = new SecureRandom().nextLong();
    IntFunction<PacketWaiter> waiters = number -> new ParkingWaiter();
    IntConsumer onThreadStart = number -> {};
    boolean realTime;
    Runnable afterChange = () -> {};
    @Nullable SyncNetwork synchronisation;
    private String rules = "";
    private Consumer<Throwable> onFault = Throwable::printStackTrace;

    BalancerBuilder() {}

    /**
     * The rules to begin with, in the format of ipvsadm-save with numbers for names; {@link #build}
     * throws IllegalArgumentException if one of them is wrong.
     */
    public BalancerBuilder rules(String ipvsadmSave) {
        rules = ipvsadmSave;
        return this;
    }

    /**
     * How many workers share the clients, each on a thread of its own; 1 unless set. A client's
     * address decides whose it is.
     *
     * @throws IllegalArgumentException beyond {@value ClientSpread#MOST_WORKERS}
     */
    public BalancerBuilder workers(int number) {
        if (number < 1 || number > ClientSpread.MOST_WORKERS) {
            throw new IllegalArgumentException(
                    "a balancer has 1 to " + ClientSpread.MOST_WORKERS + " workers, not " + number);
        }
        workers = number;
        return this;
    }

    /**
     * The most connections and persistence templates at one time; 65536 unless set. Several workers
     * have equal shares of it and a quarter more, because clients are not shared out evenly.
     */
    public BalancerBuilder connections(int most) {
        connections = most;
        return this;
    }

    /**
     * The most datagrams whose fragments wait for others at one time, with 66 KiB of memory each;
     * 32 unless set.
     */
    public BalancerBuilder fragmentedDatagrams(int most) {
        fragmentedDatagrams = most;
        return this;
    }

    /** Whether packets that concern no service are routed on, as a router does; on unless set. */
    public BalancerBuilder routing(boolean on) {
        return routing(on, on);
    }

    /** The same, for each family. */
    public BalancerBuilder routing(boolean ipv4, boolean ipv6) {
        routing = ipv4;
        routingIpv6 = ipv6;
        return this;
    }

    /** The most ICMP errors a second, 0 for no limit. */
    public BalancerBuilder icmpErrorsPerSecond(int most) {
        icmpErrorsPerSecond = most;
        return this;
    }

    /**
     * The rules that give packets firewall marks, as a file for {@code weir run --marks} has them.
     *
     * @throws IllegalArgumentException if one of them is wrong
     */
    public BalancerBuilder marks(String rules) {
        marks = readMarks(rules);
        return this;
    }

    /** The rules that give packets firewall marks. */
    public BalancerBuilder marks(MarkTable table) {
        marks = table;
        return this;
    }

    /**
     * The rules that hide connections which real servers open behind an address, as a file for
     * {@code weir run --masquerade} has them.
     *
     * @throws IllegalArgumentException if one of them is wrong
     */
    public BalancerBuilder masquerade(String masqueradeRules) {
        try {
            masquerade = MasqueradeScript.read("masquerade", masqueradeRules, Names.NONE);
        } catch (MarkException wrong) {
            throw new IllegalArgumentException(wrong.text(), wrong);
        }
        return this;
    }

    /** Takes the packets of expected connections from a host; unless set, there is none. */
    public BalancerBuilder steering(EndpointSteering endpointSteering) {
        steering = endpointSteering;
        return this;
    }

    /** Who asks for neighbours; unless set, the balancer speaks ARP itself. */
    public BalancerBuilder resolver(NeighbourResolver neighbourResolver) {
        resolver = neighbourResolver;
        return this;
    }

    /** A clock in milliseconds that never goes back, for tests that move time themselves. */
    public BalancerBuilder clock(LongSupplier millis) {
        nanoClock = () -> millis.getAsLong() * 1_000_000;
        universalTime = millis;
        return this;
    }

    /** Seeds hashes and whatever is left to chance, for runs that can be repeated. */
    public BalancerBuilder seed(long value) {
        seed = value;
        return this;
    }

    /** How each worker's thread sleeps; for ports that a file descriptor announces. */
    public BalancerBuilder waiters(IntFunction<PacketWaiter> ofWorker) {
        waiters = ofWorker;
        return this;
    }

    /** What each worker's thread does first, being told the worker's number. */
    public BalancerBuilder onThreadStart(IntConsumer action) {
        onThreadStart = action;
        return this;
    }

    /** Says that {@link #onThreadStart} puts the workers before everybody else on their CPUs. */
    public BalancerBuilder realTime(boolean value) {
        realTime = value;
        return this;
    }

    /** Runs after each change of rules, before the change is reported as done. */
    public BalancerBuilder afterChange(Runnable action) {
        afterChange = action;
        return this;
    }

    /** Over which connections can be synchronised with another balancer; unless set, none. */
    public BalancerBuilder synchronisation(@Nullable SyncNetwork network) {
        synchronisation = network;
        return this;
    }

    /** Hears of faults in weir itself. */
    public BalancerBuilder onFault(Consumer<Throwable> listener) {
        onFault = listener;
        return this;
    }

    public Balancer build() {
        Balancer balancer = new Balancer(this);
        try {
            RuleScript.read("rules", rules, Names.NONE).applyTo(balancer.administration());
        } catch (RuleScriptException wrong) {
            balancer.close();
            throw new IllegalArgumentException(wrong.text(), wrong);
        }
        return balancer;
    }

    CycleClock clock() {
        return new CycleClock(nanoClock);
    }

    // Balancers that synchronise need not agree on it: each asks about clients of its own.
    ClientSpread spread() {
        return new ClientSpread(workers, seed);
    }

    WorkerOptions options(WorkerShare share, CycleClock clock) {
        return new WorkerOptions(
                share.divided() ? Shares.connections(connections, workers) : connections,
                Shares.equal(fragmentedDatagrams, workers),
                routing,
                routingIpv6,
                Shares.equal(icmpErrorsPerSecond, workers),
                new Schedulers(),
                List.of(
                        context -> new MasqueradeForwarder(),
                        context -> new DirectRouteForwarder(),
                        context -> new BypassForwarder(),
                        TunnelForwarder::new),
                FtpGateway::new,
                steering,
                resolver,
                clock,
                universalTime,
                new SplittableRandom(seed + share.number()),
                onFault,
                share);
    }

    static MarkTable readMarks(String rules) {
        try {
            return new MarkTable(MarkScript.read("marks", rules, Names.NONE));
        } catch (MarkException wrong) {
            throw new IllegalArgumentException(wrong.text(), wrong);
        }
    }
}
