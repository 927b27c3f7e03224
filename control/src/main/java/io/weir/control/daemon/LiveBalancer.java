package io.weir.control.daemon;

import io.weir.control.Balancer;
import io.weir.control.address.SteeringLinks;
import io.weir.control.api.BalancerView;
import io.weir.control.check.ServerHealth;
import io.weir.control.handover.RestartGuard;
import io.weir.control.handover.StateFile;
import io.weir.control.router.RouterBalancer;
import io.weir.control.sync.HostSyncNetwork;
import io.weir.control.sync.LinkReturns;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.io.afpacket.LoopbackPort;
import io.weir.dataplane.io.afpacket.PollWaiter;
import io.weir.dataplane.io.steering.KernelSteering;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkListener;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.netlink.NetlinkMonitor;
import io.weir.dataplane.offload.OffloadStatistics;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.worker.Worker;
import io.weir.dataplane.worker.WorkerTimes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A balancer on interfaces of this network namespace, beside the host's own network stack.
 *
 * <p>Made, started and closed by one thread; between that any thread may use it.
 */
final class LiveBalancer implements NetworkListener, BalancerView, RouterBalancer, AutoCloseable {

    // Servers whose last connection ends leave the steering without anybody changing a rule.
    private static final long SETTLE_MILLIS = 500;

    private static final long END_SECONDS = 2;

    private static final Logger LOG = System.getLogger("weir");

    private final KernelSteering kernel;
    private final HostSteering steering;
    private final WorkerPlan plan;
    private final Balancer balancer;
    private final SteeredAdministration administration;
    private final PortOpener ports;
    private final CapturedInterfaces interfaces;
    private final ScheduledExecutorService background;
    private final FaultLog faults = new FaultLog(LOG);
    private final LinkReturns returns = new LinkReturns();
    private volatile @Nullable NetlinkMonitor network;
    private volatile List<LoopbackPort> loopbacks = List.of();
    private volatile boolean started;
    private boolean settleFailed;

    private LiveBalancer(
            DaemonOptions options, KernelSteering kernel, List<SwitchableWaiter> waiters) {
        this.kernel = kernel;
        this.plan = options.workers();
        this.steering =
                new HostSteering(
                        kernel,
                        () -> balancer().steeringStale() ? balancer().steeringRules() : null);
        this.balancer =
                Balancer.builder()
                        .connections(options.connections())
                        .fragmentedDatagrams(options.fragmentedDatagrams())
                        .routing(HostForwarding.ipv4(), HostForwarding.ipv6())
                        .steering(kernel.expected())
                        .resolver(this::resolve)
                        .workers(plan.workers())
                        .waiters(waiters::get)
                        .onThreadStart(plan::place)
                        .realTime(plan.priority() == WorkerPriority.REALTIME)
                        .seed(new SecureRandom().nextLong())
                        .afterChange(steering::afterChange)
                        .onFault(faults::report)
                        .synchronisation(new HostSyncNetwork(this::snapshot, this::sysctl))
                        .build();
        balancer.offload(kernel.flows());
        balancer.limitSyns(kernel.synCredits());
        this.administration = new SteeredAdministration(balancer.administration(), steering);
        this.ports = new PortOpener(options.io(), kernel, plan.workers(), balancer.spread());
        this.interfaces =
                new CapturedInterfaces(
                        options.interfaces(),
                        new KernelAttachment(kernel, balancer, ports, waiters));
        this.background =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("weir-background").factory());
    }

    private Balancer balancer() {
        return balancer;
    }

    /**
     * Makes a balancer that captures nothing yet, but knows the network and takes rules.
     *
     * @throws IOException if the kernel refuses what is needed; the message is for the operator
     */
    static LiveBalancer open(DaemonOptions options) throws IOException {
        LiveBalancer opened = build(options);
        try {
            opened.network = NetlinkMonitor.open(opened);
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private static LiveBalancer build(DaemonOptions options) throws IOException {
        KernelSteering kernel = SteeringOpener.open(options);
        try {
            return new LiveBalancer(options, kernel, waiters(options.workers().workers()));
        } catch (OutOfMemoryError e) {
            kernel.close();
            kernel.freeMemory();
            throw new IOException(
                    "no memory for "
                            + options.connections()
                            + " connections and "
                            + options.fragmentedDatagrams()
                            + " fragmented datagrams; use a smaller --connections or"
                            + " --fragmented-datagrams",
                    e);
        } catch (IOException | RuntimeException e) {
            kernel.close();
            kernel.freeMemory();
            throw e;
        }
    }

    private static List<SwitchableWaiter> waiters(int workers) throws IOException {
        List<SwitchableWaiter> waiters = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            waiters.add(new SwitchableWaiter(new PollWaiter(List.of())));
        }
        return waiters;
    }

    WorkerPlan plan() {
        return plan;
    }

    /**
     * Starts the workers and captures the interfaces.
     *
     * @param connections of the process before, known before the first packet
     * @throws IOException if one of them cannot be captured; the message is for the operator
     */
    void start(List<byte[]> connections) throws IOException {
        plan.warn();
        balancer.start();
        RestoredConnections.restore(balancer.administration(), connections);
        List<LoopbackPort> ways = new ArrayList<>();
        for (int i = 0; i < plan.workers(); i++) {
            ways.add(LoopbackPort.open());
            loopbacks = List.copyOf(ways);
        }
        balancer.attachHost(ways);
        interfaces.start(snapshot());
        started = true;
        Future<?> _ =
                background.scheduleWithFixedDelay(
                        this::settle, SETTLE_MILLIS, SETTLE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Lets restored connections find their real servers; see {@link RestoredConnections}. */
    void bindConnections(List<byte[]> connections, Runnable settled) {
        new RestoredConnections(balancer.administration(), connections, settled).bindIn(background);
    }

    private NetworkSnapshot snapshot() {
        NetlinkMonitor monitor = network;
        return monitor == null ? NetworkSnapshot.EMPTY : monitor.snapshot();
    }

    private void settle() {
        try {
            steering.settle();
            ports.askDrivers();
            settleFailed = false;
        } catch (IOException | SteeringException | RuntimeException e) {
            if (!settleFailed) {
                settleFailed = true;
                LOG.log(Level.ERROR, e.getMessage());
            }
        }
    }

    private void resolve(int linkIndex, IpAddress address) {
        NetlinkMonitor monitor = network;
        if (monitor != null) {
            monitor.resolve(linkIndex, address);
        }
    }

    @Override
    public void networkChanged(NetworkSnapshot changed) {
        balancer.networkChanged(changed);
        try {
            kernel.updateHost(KernelSteering.hostPrefixes(changed));
        } catch (SteeringException e) {
            LOG.log(Level.ERROR, e.getMessage());
        }
        List<String> returned = returns.in(changed);
        if (started) {
            interfaces.update(changed);
            linksReturned(returned);
        }
    }

    // Not here: whoever starts a sync daemon asks for the network with the daemons' lock held.
    private void linksReturned(List<String> names) {
        try {
            background.execute(() -> names.forEach(balancer.administration()::linkReturned));
        } catch (RejectedExecutionException closing) {
            // nobody will synchronise any more
        }
    }

    @Override
    public void neighbourChanged(NeighbourEntry neighbour) {
        balancer.neighbourChanged(neighbour);
    }

    /** What keeps packets from the host, for a process that outlives this one. */
    SteeringLinks steeringLinks() {
        return kernel::withLinks;
    }

    @Override
    public Administration administration() {
        return administration;
    }

    @Override
    public <X extends Exception> void change(RouterBalancer.Work<X> work)
            throws X, SteeringException {
        steering.<Boolean, X>batch(
                () -> {
                    work.run();
                    return true;
                });
        steering.settle();
    }

    HostSteering steering() {
        return steering;
    }

    @Override
    public List<Drop> drops() {
        Map<DropReason, Long> counts = balancer.drops();
        List<Drop> drops = new ArrayList<>();
        for (DropReason reason : DropReason.values()) {
            String name = reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
            drops.add(new Drop(name, reason.explanation(), counts.getOrDefault(reason, 0L)));
        }
        return drops;
    }

    @Override
    public List<WorkerView> workers() {
        List<WorkerView> views = new ArrayList<>();
        List<WorkerTimes> times = balancer.times();
        for (Worker worker : balancer.workers()) {
            int number = views.size();
            long dropped = worker.drops().snapshot().values().stream().mapToLong(n -> n).sum();
            views.add(
                    new WorkerView(
                            plan.cpu(number),
                            plan.priority().toString(),
                            worker.received(),
                            dropped,
                            worker.director().connectionCount(),
                            number < times.size() ? times.get(number) : WorkerTimes.NONE));
        }
        return views;
    }

    @Override
    public @Nullable OffloadStatistics offloaded() {
        return balancer.offloaded();
    }

    @Override
    public NetworkSnapshot network() {
        return snapshot();
    }

    @Override
    public List<Port> ports() {
        return interfaces.ports();
    }

    @Override
    public List<MarkRule> marks() {
        return balancer.administration().marks();
    }

    @Override
    public void setMarks(MarkTable table) throws SteeringException {
        MarkTable before = new MarkTable(marks());
        replaceMarks(table);
        try {
            steering.settle();
        } catch (SteeringException e) {
            replaceMarks(before);
            settle();
            throw e;
        }
    }

    private void replaceMarks(MarkTable table) {
        steering.batch(
                () -> {
                    balancer.administration().setMarks(table);
                    return table;
                });
    }

    @Override
    public List<MasqueradeRule> masquerading() {
        return balancer.administration().masquerading();
    }

    @Override
    public void setMasquerading(MasqueradeTable table) throws SteeringException {
        MasqueradeTable before = new MasqueradeTable(masquerading());
        replaceMasquerading(table);
        try {
            steering.settle();
        } catch (SteeringException e) {
            replaceMasquerading(before);
            settle();
            throw e;
        }
    }

    private void replaceMasquerading(MasqueradeTable table) {
        steering.batch(
                () -> {
                    balancer.administration().setMasquerading(table);
                    return table;
                });
    }

    @Override
    public SyncCounters.Snapshot syncCounters() {
        return balancer.administration().syncCounters();
    }

    @Override
    public long sysctl(Sysctl sysctl) {
        return balancer.administration().sysctl(sysctl);
    }

    @Override
    public boolean setSysctl(Sysctl sysctl, long value) {
        return balancer.administration().setSysctl(sysctl, value);
    }

    /**
     * Ends as {@link #close}, but leaves connections for the next process, and keeps the host from
     * their packets until it has come.
     *
     * @param health what is known of real servers
     */
    void handOver(StateFile file, List<ServerHealth> health) {
        try (RestartGuard guard =
                balancer.administration().anyConnectionGoesOn()
                        ? RestartGuard.start(steeringLinks(), file.path())
                        : null) {
            stopTraffic();
            long count = file.write(health, balancer.administration()::saveConnections);
            if (guard != null) {
                guard.keep();
            }
            if (count > 0) {
                LOG.log(Level.INFO, "leaves " + count + " connections to the next process");
            } else if (health.isEmpty()) {
                file.delete();
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, "connections are not kept: " + e.getMessage());
        } finally {
            close();
        }
    }

    /** Gives the packets back to the host first, then ends everything else. */
    @Override
    public void close() {
        stopTraffic();
        balancer.close();
        kernel.freeMemory();
        ports.close();
        loopbacks.forEach(LoopbackPort::close);
    }

    // What it does last may be to remove the state file of the process before.
    private void endBackground() {
        background.shutdownNow();
        try {
            boolean _ = background.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void stopTraffic() {
        started = false;
        endBackground();
        kernel.close();
        NetlinkMonitor monitor = network;
        network = null;
        if (monitor != null) {
            monitor.close();
        }
        interfaces.close();
    }
}
