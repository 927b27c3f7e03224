package io.weir.control;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.Names;
import io.weir.control.ipvsadm.RuleScript;
import io.weir.control.ipvsadm.RuleScriptException;
import io.weir.control.mark.MarkException;
import io.weir.control.mark.MarkScript;
import io.weir.control.masquerade.MasqueradeScript;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PacketWaiter;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.io.memory.ParkingWaiter;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NeighbourResolver;
import io.weir.dataplane.net.NetworkListener;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.sync.SyncNetwork;
import io.weir.dataplane.worker.Worker;
import io.weir.dataplane.worker.WorkerAdministration;
import io.weir.dataplane.worker.WorkerOptions;
import io.weir.dr.BypassForwarder;
import io.weir.dr.DirectRouteForwarder;
import io.weir.dr.TunnelForwarder;
import io.weir.nat.MasqueradeForwarder;
import io.weir.nat.ftp.FtpGateway;
import io.weir.schedulers.Schedulers;

import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A load balancer inside a program: build it, attach links, give it rules, and let it run on a
 * thread of its own ({@link #start}) or step by step ({@link #runOnce}).
 *
 * <p>With in-memory links it needs no root, no network and no kernel feature: it owns the addresses
 * of its links and answers for them like a host. Methods may be called from any thread, {@link
 * #runOnce} from one at a time.
 */
public final class Balancer implements NetworkListener, AutoCloseable {
    private static final long FULL_QUEUE_PARK_NANOS = 100_000;

    private final Worker worker;
    private final WorkerAdministration administration;
    private final PacketWaiter waiter;
    private final List<MemoryLink> memoryLinks = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final List<LinkAddress> addresses = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private @Nullable WorkerThread thread;
    private volatile boolean networkGiven;

    private Balancer(Builder builder) {
        this.waiter = builder.waiter;
        this.worker = new Worker(builder.options());
        worker.director().setMarks(builder.marks);
        worker.director().setMasquerading(builder.masquerade);
        this.administration =
                new WorkerAdministration(worker, builder.afterChange, builder.synchronisation);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** What can be chosen before a balancer exists. */
    public static final class Builder {
        private int connections = 1 << 16;
        private boolean routing = true;
        private boolean routingIpv6 = true;
        private int icmpErrorsPerSecond = WorkerOptions.DEFAULT_ICMP_ERRORS;
        private int fragmentedDatagrams = 32;
        private EndpointSteering steering = EndpointSteering.NONE;
        private MarkTable marks = MarkTable.EMPTY;
        private MasqueradeTable masquerade = MasqueradeTable.EMPTY;
        private @Nullable NeighbourResolver resolver;
        private LongSupplier clock = Balancer::monotonicMillis;
        private LongSupplier universalTime = System::currentTimeMillis;
        private long seed = new SecureRandom().nextLong();
        private PacketWaiter waiter = new ParkingWaiter();
        private Runnable afterChange = () -> {};
        private @Nullable SyncNetwork synchronisation;
        private String rules = "";
        private Consumer<Throwable> onFault = Throwable::printStackTrace;

        private Builder() {}

        /**
         * The rules to begin with, in the format of ipvsadm-save with numbers for names; {@link
         * #build} throws IllegalArgumentException if one of them is wrong.
         */
        public Builder rules(String ipvsadmSave) {
            rules = ipvsadmSave;
            return this;
        }

        /** The most connections and persistence templates at one time; 65536 unless set. */
        public Builder connections(int most) {
            connections = most;
            return this;
        }

        /**
         * The most datagrams whose fragments wait for others at one time, with 66 KiB of memory
         * each; 32 unless set.
         */
        public Builder fragmentedDatagrams(int most) {
            fragmentedDatagrams = most;
            return this;
        }

        /**
         * Whether packets that concern no service are routed on, as a router does; on unless set.
         */
        public Builder routing(boolean on) {
            return routing(on, on);
        }

        /** The same, for each family. */
        public Builder routing(boolean ipv4, boolean ipv6) {
            routing = ipv4;
            routingIpv6 = ipv6;
            return this;
        }

        /** The most ICMP errors a second, 0 for no limit. */
        public Builder icmpErrorsPerSecond(int most) {
            icmpErrorsPerSecond = most;
            return this;
        }

        /**
         * The rules that give packets firewall marks, as a file for {@code weir run --marks} has
         * them.
         *
         * @throws IllegalArgumentException if one of them is wrong
         */
        public Builder marks(String rules) {
            marks = readMarks(rules);
            return this;
        }

        /** The rules that give packets firewall marks. */
        public Builder marks(MarkTable table) {
            marks = table;
            return this;
        }

        /**
         * The rules that hide connections which real servers open behind an address, as a file for
         * {@code weir run --masquerade} has them.
         *
         * @throws IllegalArgumentException if one of them is wrong
         */
        public Builder masquerade(String masqueradeRules) {
            try {
                masquerade = MasqueradeScript.read("masquerade", masqueradeRules, Names.NONE);
            } catch (MarkException wrong) {
                throw new IllegalArgumentException(wrong.text(), wrong);
            }
            return this;
        }

        /** Takes the packets of expected connections from a host; unless set, there is none. */
        public Builder steering(EndpointSteering endpointSteering) {
            steering = endpointSteering;
            return this;
        }

        /** Who asks for neighbours; unless set, the balancer speaks ARP itself. */
        public Builder resolver(NeighbourResolver neighbourResolver) {
            resolver = neighbourResolver;
            return this;
        }

        /** A clock in milliseconds that never goes back, for tests that move time themselves. */
        public Builder clock(LongSupplier millis) {
            clock = millis;
            universalTime = millis;
            return this;
        }

        /** Seeds hashes and whatever is left to chance, for runs that can be repeated. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** How the worker thread sleeps; for ports that a file descriptor announces. */
        public Builder waiter(PacketWaiter packetWaiter) {
            waiter = packetWaiter;
            return this;
        }

        /** Runs after each change of rules, before the change is reported as done. */
        public Builder afterChange(Runnable action) {
            afterChange = action;
            return this;
        }

        /** Over which connections can be synchronised with another balancer; unless set, none. */
        public Builder synchronisation(@Nullable SyncNetwork network) {
            synchronisation = network;
            return this;
        }

        /** Hears of faults in weir itself. */
        public Builder onFault(Consumer<Throwable> listener) {
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

        private WorkerOptions options() {
            return new WorkerOptions(
                    connections,
                    fragmentedDatagrams,
                    routing,
                    routingIpv6,
                    icmpErrorsPerSecond,
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
                    new SplittableRandom(seed),
                    onFault);
        }
    }

    private static long monotonicMillis() {
        return System.nanoTime() / 1_000_000;
    }

    /**
     * Runs an ipvsadm command line, as {@code ipvsadm("-Ln", "--stats")}; names are not resolved.
     */
    public Ipvsadm.Outcome ipvsadm(String... arguments) {
        return new Ipvsadm(administration, Names.NONE).run(List.of(arguments));
    }

    /**
     * Replaces the rules that give packets firewall marks, all at once; see {@link Builder#marks}.
     *
     * @throws IllegalArgumentException if one of them is wrong; those of before are in force
     */
    public void marks(String rules) {
        administration.setMarks(readMarks(rules));
    }

    private static MarkTable readMarks(String rules) {
        try {
            return new MarkTable(MarkScript.read("marks", rules, Names.NONE));
        } catch (MarkException wrong) {
            throw new IllegalArgumentException(wrong.text(), wrong);
        }
    }

    /** Rules, listings and counters. */
    public WorkerAdministration administration() {
        return administration;
    }

    /**
     * Attaches an in-memory link whose other end is the caller's.
     *
     * @param name the link's name
     * @param mac the balancer's Ethernet address on it
     * @param cidrs the balancer's addresses on it, virtual ones included, as "10.1.0.1/24"
     */
    public MemoryLink attachMemory(String name, long mac, String... cidrs) {
        int index = links.size() + 1;
        MemoryLink link = MemoryLink.open(name, index, waiter);
        memoryLinks.add(link);
        for (String cidr : cidrs) {
            addresses.add(LinkAddress.parse(cidr, index));
        }
        attach(link.port(), new Link(index, name, mac, 1500, true, true));
        return link;
    }

    /**
     * Gives it the way to the host's own network stack, for real servers that are the host itself.
     * The port belongs to the caller, who closes it after the balancer.
     */
    public void attachHost(PacketPort loopback) {
        worker.commands()
                .call(
                        () -> {
                            worker.pipeline().attachHost(loopback);
                            return loopback;
                        });
    }

    /** Attaches a port of any kind. */
    public void attach(PacketPort port, Link link) {
        links.add(link);
        worker.commands()
                .call(
                        () -> {
                            worker.pipeline().ports().add(new LinkPort(port, link));
                            return link;
                        });
        if (!networkGiven) {
            publishOwnNetwork();
        }
    }

    /** Takes a port away; when this returns it is not used any more, and its owner may close it. */
    public void detach(PacketPort port) {
        links.removeIf(link -> link.index() == port.linkIndex());
        worker.commands()
                .call(
                        () -> {
                            LinkPorts ports = worker.pipeline().ports();
                            LinkPort attached = ports.onLink(port.linkIndex());
                            if (attached != null && attached.port().equals(port)) {
                                ports.remove(attached);
                            }
                            return port;
                        });
    }

    /** Tells where a neighbour is, so that the balancer need not ask by ARP. */
    public void neighbour(MemoryLink link, String address, long mac) {
        IpAddress parsed = IpAddress.parse(address);
        if (parsed == null) {
            throw new IllegalArgumentException(address + " is not an IP address");
        }
        int index = link.port().linkIndex();
        neighbourChanged(new NeighbourEntry(index, parsed, NeighbourEntry.State.USABLE, mac));
    }

    /** Adds a route, for balancers with in-memory links. */
    public void route(Route route) {
        routes.add(route);
        publishOwnNetwork();
    }

    private void publishOwnNetwork() {
        List<Route> all = new ArrayList<>(routes);
        all.addAll(ConnectedRoutes.of(addresses));
        publish(new NetworkSnapshot(links, addresses, all));
    }

    private void publish(NetworkSnapshot network) {
        tell(() -> worker.pipeline().networkChanged(network));
    }

    @Override
    public void networkChanged(NetworkSnapshot network) {
        networkGiven = true;
        publish(network);
    }

    @Override
    public void neighbourChanged(NeighbourEntry neighbour) {
        tell(() -> worker.pipeline().neighbourChanged(neighbour));
    }

    // News that were lost would leave the balancer wrong for ever, so whoever has them waits.
    private void tell(Runnable news) {
        while (!worker.commands().post(news)) {
            LockSupport.parkNanos(FULL_QUEUE_PARK_NANOS);
        }
    }

    /** Which packets are the balancer's, for whoever keeps the host away from them. */
    public SteeringRules steeringRules() {
        return worker.commands().call(() -> worker.director().steeringRules());
    }

    /** Whether {@link #steeringRules} may have changed since it was last asked. */
    public boolean steeringStale() {
        return worker.director().steeringStale();
    }

    /** Dropped packets by reason. */
    public Map<DropReason, Long> drops() {
        return worker.drops().snapshot();
    }

    /**
     * The fragments that were neither dropped nor went on by themselves: they wait for others, or
     * became a part of a datagram that did.
     */
    public long heldFragments() {
        return worker.heldFragments();
    }

    /** One cycle of the worker on the calling thread; returns 0 if there was nothing to do. */
    public int runOnce() {
        return worker.runOnce();
    }

    /** Lets a thread of its own run the worker until {@link #close}. */
    public void start() {
        if (thread != null) {
            throw new IllegalStateException("the balancer is running");
        }
        thread = WorkerThread.start(worker, waiter);
    }

    @Override
    public void close() {
        administration.stopSyncDaemons();
        if (thread != null) {
            thread.stop();
            thread = null;
        }
        worker.close();
        memoryLinks.forEach(MemoryLink::close);
        waiter.close();
    }
}
