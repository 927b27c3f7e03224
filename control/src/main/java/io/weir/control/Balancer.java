package io.weir.control;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.Names;
import io.weir.dataplane.director.WorkerShare;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PacketWaiter;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.memory.FrameChoice;
import io.weir.dataplane.io.memory.FrameSpread;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.io.memory.MemoryPort;
import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkListener;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.net.RoutedNetwork;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.offload.OffloadStatistics;
import io.weir.dataplane.offload.SynCredit;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ServerLoads;
import io.weir.dataplane.worker.Worker;
import io.weir.dataplane.worker.WorkerAdministration;
import io.weir.dataplane.worker.WorkerGroup;
import io.weir.dataplane.worker.WorkerTimes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;

/**
 * A load balancer inside a program: build it, attach links, give it rules, and let it run on
 * threads of its own ({@link #start}) or step by step ({@link #runOnce}).
 *
 * <p>With in-memory links it needs no root, no network and no kernel feature: it owns the addresses
 * of its links and answers for them like a host. Methods may be called from any thread, {@link
 * #runOnce} from one at a time.
 */
public final class Balancer implements NetworkListener, AutoCloseable {
    private final WorkerGroup group;
    private final WorkerAdministration administration;
    private final List<PacketWaiter> waiters = new ArrayList<>();
    private final List<CycleClock> clocks = new ArrayList<>();
    private final IntConsumer onThreadStart;
    private final boolean realTime;
    private final ClientSpread spread;
    private final @Nullable FrameSpread frames;
    private final List<MemoryLink> memoryLinks = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final List<LinkAddress> addresses = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private final List<WorkerThread> threads = new ArrayList<>();
    private volatile boolean networkGiven;

    Balancer(BalancerBuilder builder) {
        this.spread = builder.spread();
        ServerLoads loads = new ServerLoads(builder.workers);
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < builder.workers; i++) {
            waiters.add(builder.waiters.apply(i));
            CycleClock clock = builder.clock();
            clocks.add(clock);
            workers.add(new Worker(builder.options(new WorkerShare(i, spread, loads), clock)));
        }
        this.group = new WorkerGroup(workers);
        this.onThreadStart = builder.onThreadStart;
        this.realTime = builder.realTime;
        this.frames = builder.workers == 1 ? null : new FrameSpread(spread);
        this.administration =
                new WorkerAdministration(
                        group, () -> changed(builder.afterChange), builder.synchronisation);
        for (Worker worker : workers) {
            worker.director().setMarks(builder.marks);
            worker.director().setMasquerading(builder.masquerade);
        }
    }

    private void changed(Runnable afterChange) {
        spreadFrames();
        afterChange.run();
    }

    private void spreadFrames() {
        if (frames != null && !memoryLinks.isEmpty()) {
            Set<IpAddress> own = new HashSet<>();
            addresses.forEach(address -> own.add(address.address()));
            frames.use(steeringRules(), own);
        }
    }

    public static BalancerBuilder builder() {
        return new BalancerBuilder();
    }

    /**
     * Runs an ipvsadm command line, as {@code ipvsadm("-Ln", "--stats")}; names are not resolved.
     */
    public Ipvsadm.Outcome ipvsadm(String... arguments) {
        return new Ipvsadm(administration, Names.NONE).run(List.of(arguments));
    }

    /**
     * Replaces the rules that give packets firewall marks, all at once; see {@link
     * BalancerBuilder#marks}.
     *
     * @throws IllegalArgumentException if one of them is wrong; those of before are in force
     */
    public void marks(String rules) {
        administration.setMarks(BalancerBuilder.readMarks(rules));
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
        List<MemoryPort.End> ends = new ArrayList<>();
        for (PacketWaiter waiter : waiters) {
            ends.add(new MemoryPort.End(name, index, waiter));
        }
        MemoryLink link =
                MemoryLink.open(
                        ends,
                        frames == null ? FrameChoice.ONLY : frames,
                        MemoryLink.DEFAULT_FRAMES,
                        MemoryLink.DEFAULT_FRAME_BYTES);
        memoryLinks.add(link);
        for (String cidr : cidrs) {
            addresses.add(LinkAddress.parse(cidr, index));
        }
        attach(link.ports(), new Link(index, name, mac, 1500, true, true));
        spreadFrames();
        return link;
    }

    /**
     * Gives each worker a way to the host's own network stack, for real servers that are the host
     * itself. The ports belong to the caller, who closes them after the balancer.
     */
    public void attachHost(List<? extends PacketPort> loopbacks) {
        onEach(loopbacks, (worker, port) -> worker.pipeline().attachHost(port));
    }

    /**
     * Lets the kernel forward established flows by itself, before {@link #start}. The memory of the
     * flows is the caller's, who frees it after {@link #close}.
     *
     * @param flows each worker's view of them by its number, or none
     */
    public void offload(List<FlowTable> flows) {
        for (int i = 0; i < flows.size(); i++) {
            group.workers().get(i).pipeline().offload(flows.get(i));
        }
    }

    /**
     * Lets the kernel refuse SYNs of which too many wait for a worker, before {@link #start}.
     *
     * @param credits each worker's by its number, or none; their memory is the caller's, who frees
     *     it after {@link #close}
     */
    public void limitSyns(List<SynCredit> credits) {
        for (int i = 0; i < credits.size(); i++) {
            group.workers().get(i).limitSyns(credits.get(i));
        }
    }

    /** What the kernel forwards; null if nothing is handed to it. Any thread. */
    public @Nullable OffloadStatistics offloaded() {
        List<@Nullable OffloadStatistics> each = new ArrayList<>();
        for (Worker worker : group.workers()) {
            each.add(worker.pipeline().offloaded());
        }
        return OffloadStatistics.sum(each);
    }

    /** Attaches a port of any kind to a balancer of one worker. */
    public void attach(PacketPort port, Link link) {
        attach(List.of(port), link);
    }

    /**
     * Attaches a link.
     *
     * @param ports of each worker, by their numbers; a client's frames arrive at the port of the
     *     worker that has it
     */
    public void attach(List<? extends PacketPort> ports, Link link) {
        links.add(link);
        onEach(ports, (worker, port) -> worker.pipeline().ports().add(new LinkPort(port, link)));
        if (!networkGiven) {
            publishOwnNetwork();
        }
    }

    private void onEach(List<? extends PacketPort> ports, BiConsumer<Worker, PacketPort> command) {
        List<Worker> workers = group.workers();
        if (ports.size() != workers.size()) {
            throw new IllegalArgumentException(
                    ports.size() + " ports for " + workers.size() + " workers");
        }
        for (int i = 0; i < workers.size(); i++) {
            Worker worker = workers.get(i);
            PacketPort port = ports.get(i);
            worker.commands()
                    .call(
                            () -> {
                                command.accept(worker, port);
                                return port;
                            });
        }
    }

    /** Takes the port of a balancer of one worker away. */
    public void detach(PacketPort port) {
        detach(List.of(port));
    }

    /**
     * Takes a link away; when this returns its ports are not used any more, and their owner may
     * close them.
     */
    public void detach(List<? extends PacketPort> ports) {
        links.removeIf(link -> link.index() == ports.getFirst().linkIndex());
        onEach(ports, Balancer::remove);
    }

    private static void remove(Worker worker, PacketPort port) {
        LinkPorts ports = worker.pipeline().ports();
        LinkPort attached = ports.onLink(port.linkIndex());
        if (attached != null && attached.port().equals(port)) {
            ports.remove(attached);
        }
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
        RoutedNetwork routed = new RoutedNetwork(network);
        group.tell(worker -> worker.pipeline().networkChanged(routed));
    }

    @Override
    public void networkChanged(NetworkSnapshot network) {
        networkGiven = true;
        publish(network);
    }

    @Override
    public void neighbourChanged(NeighbourEntry neighbour) {
        group.tell(worker -> worker.pipeline().neighbourChanged(neighbour));
    }

    /** Says which worker has a client. */
    public ClientSpread spread() {
        return spread;
    }

    /** Which packets are the balancer's, for whoever keeps the host away from them. */
    public SteeringRules steeringRules() {
        Worker first = group.first();
        return first.commands().call(() -> first.director().steeringSources()).rules();
    }

    /** Whether {@link #steeringRules} may have changed since it was last asked. */
    public boolean steeringStale() {
        return group.first().director().steeringStale();
    }

    /** Its workers by their numbers. */
    public List<Worker> workers() {
        return group.workers();
    }

    /** How each worker has spent its time, by their numbers; empty unless it was started. */
    public List<WorkerTimes> times() {
        return threads.stream().map(WorkerThread::times).toList();
    }

    /** Dropped packets by reason. */
    public Map<DropReason, Long> drops() {
        Map<DropReason, Long> sum = new EnumMap<>(DropReason.class);
        for (Worker worker : group.workers()) {
            worker.drops()
                    .snapshot()
                    .forEach((reason, packets) -> sum.merge(reason, packets, Long::sum));
        }
        return sum;
    }

    /**
     * The fragments that were neither dropped nor went on by themselves: they wait for others, or
     * became a part of a datagram that did.
     */
    public long heldFragments() {
        return group.workers().stream().mapToLong(Worker::heldFragments).sum();
    }

    /** One cycle of each worker on the calling thread; returns 0 if there was nothing to do. */
    public int runOnce() {
        int work = 0;
        List<Worker> workers = group.workers();
        for (int i = 0; i < workers.size(); i++) {
            work += workers.get(i).runOnce();
        }
        return work;
    }

    /** Lets a thread of its own run each worker until {@link #close}. */
    public void start() {
        if (!threads.isEmpty()) {
            throw new IllegalStateException("the balancer is running");
        }
        List<Worker> workers = group.workers();
        for (int i = 0; i < workers.size(); i++) {
            int number = i;
            String name = workers.size() == 1 ? "weir-worker" : "weir-worker-" + i;
            threads.add(
                    WorkerThread.start(
                            name,
                            workers.get(i),
                            waiters.get(i),
                            clocks.get(i),
                            () -> onThreadStart.accept(number),
                            realTime));
        }
    }

    @Override
    public void close() {
        administration.stopSyncDaemons();
        threads.forEach(WorkerThread::stop);
        threads.clear();
        group.workers().forEach(Worker::close);
        memoryLinks.forEach(MemoryLink::close);
        waiters.forEach(PacketWaiter::close);
        if (frames != null) {
            frames.close();
        }
    }
}
