package io.weir.dataplane.worker;

import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.SavedConnections;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.PairSettings;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncDaemonResult;
import io.weir.dataplane.sync.SyncDaemons;
import io.weir.dataplane.sync.SyncNetwork;
import io.weir.dataplane.sync.SyncRole;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The operator's view of a running worker, for any thread: changes and listings of rules run on the
 * worker between two bursts, connections are read beside it.
 */
public final class WorkerAdministration implements Administration {
    private final Director director;
    private final CommandQueue commands;
    private final Runnable afterChange;
    private final @Nullable SyncDaemons daemons;

    /**
     * Makes the view.
     *
     * @param network over which connections can be synchronised; null for none
     * @param afterChange runs on the calling thread after each change of rules, before the caller
     *     hears of its success
     */
    public WorkerAdministration(
            Worker worker, Runnable afterChange, @Nullable SyncNetwork network) {
        this.director = worker.director();
        this.commands = worker.commands();
        this.afterChange = afterChange;
        this.daemons = network == null ? null : new SyncDaemons(network, new WorkerSync(worker));
    }

    private <T> T change(Supplier<T> change) {
        T result = commands.call(change);
        afterChange.run();
        return result;
    }

    @Override
    public RuleResult addService(ServiceId id, ServiceSettings settings) {
        director.makeRoom(id.address());
        return change(() -> director.addService(id, settings));
    }

    @Override
    public RuleResult editService(ServiceId id, ServiceSettings settings) {
        return change(() -> director.editService(id, settings));
    }

    @Override
    public RuleResult deleteService(ServiceId id) {
        return change(() -> director.deleteService(id));
    }

    @Override
    public RuleResult addServer(ServiceId service, ServerId id, ServerSettings settings) {
        director.makeRoom(id.address());
        return change(() -> director.addServer(service, id, settings));
    }

    @Override
    public RuleResult editServer(ServiceId service, ServerId id, ServerSettings settings) {
        return change(() -> director.editServer(service, id, settings));
    }

    @Override
    public RuleResult deleteServer(ServiceId service, ServerId id) {
        return change(() -> director.deleteServer(service, id));
    }

    @Override
    public RuleResult drainServer(ServiceId service, ServerId id, boolean draining) {
        return change(() -> director.drainServer(service, id, draining));
    }

    @Override
    public RuleResult expelServer(ServiceId service, ServerId id) {
        return change(() -> director.expelServer(service, id));
    }

    @Override
    public void clear() {
        change(
                () -> {
                    director.clear();
                    return RuleResult.DONE;
                });
    }

    @Override
    public RuleResult zero(@Nullable ServiceId service) {
        return commands.call(() -> director.zero(service));
    }

    @Override
    public void setTimeouts(Timeouts timeouts) {
        commands.call(
                () -> {
                    director.setTimeouts(timeouts);
                    return RuleResult.DONE;
                });
    }

    @Override
    public Timeouts timeouts() {
        return commands.call(director::timeouts);
    }

    @Override
    public List<ServiceListing> services() {
        return commands.call(director::services);
    }

    @Override
    public @Nullable ServiceListing service(ServiceId id) {
        return commands.call(() -> director.service(id));
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        director.connections(consumer);
    }

    @Override
    public CounterSnapshot totals() {
        return director.totals();
    }

    @Override
    public int followedConnections() {
        return director.followedConnections();
    }

    @Override
    public int connectionCapacity() {
        return director.connectionCapacity();
    }

    @Override
    public SyncDaemonResult startSyncDaemon(SyncDaemon daemon) {
        return daemons == null ? SyncDaemonResult.NOT_SUPPORTED : daemons.start(daemon);
    }

    @Override
    public void synchroniseAsPair() {
        commands.call(
                () -> {
                    PairSettings.applyTo(director.sysctls());
                    return director;
                });
    }

    @Override
    public void setStandby(boolean on) {
        commands.call(
                () -> {
                    director.takeoverGrace().setStandby(on);
                    return director;
                });
    }

    @Override
    public SyncDaemonResult stopSyncDaemon(SyncRole role) {
        return daemons == null ? SyncDaemonResult.NOT_RUNNING : daemons.stop(role);
    }

    /** An interface is up again that was not. */
    public void linkReturned(String interfaceName) {
        if (daemons != null) {
            daemons.linkReturned(interfaceName);
        }
    }

    /** Stops the synchronisation daemons that run. */
    public void stopSyncDaemons() {
        if (daemons != null) {
            daemons.stopAll();
        }
    }

    @Override
    public List<SyncDaemon> syncDaemons() {
        return daemons == null ? List.of() : daemons.running();
    }

    /** What synchronisation daemons have sent and taken. */
    public SyncCounters.Snapshot syncCounters() {
        return director.synchronisation().counters().snapshot();
    }

    /**
     * Tells of every connection that can be told of, for {@link #restoreConnections} of another
     * process. The worker does nothing else meanwhile.
     */
    public void saveConnections(SavedConnections.Sink sink) {
        commands.call(
                () -> {
                    director.synchronisation().saved().save(sink);
                    return sink;
                });
    }

    /** Takes the connections of a message that another process has saved; how many. */
    public int restoreConnections(byte[] message) {
        return commands.call(() -> director.synchronisation().saved().restore(message));
    }

    /**
     * Gives restored connections the entries of their real servers.
     *
     * @return how many are still without
     */
    public int bindConnections(byte[] message) {
        return commands.call(() -> director.synchronisation().saved().bind(message));
    }

    /** Connections and templates in the table at this moment. */
    public int connectionCount() {
        return director.connectionCount();
    }

    /** The rules that give packets firewall marks. */
    public List<MarkRule> marks() {
        return commands.call(() -> director.marks().rules());
    }

    /** Replaces the rules that give packets firewall marks, all of them at once. */
    public void setMarks(MarkTable table) {
        change(
                () -> {
                    director.setMarks(table);
                    return table;
                });
    }

    /** The rules that hide connections of real servers behind an address. */
    public List<MasqueradeRule> masquerading() {
        return commands.call(() -> director.masquerading().rules().rules());
    }

    /** Replaces the rules that hide connections of real servers, all of them at once. */
    public void setMasquerading(MasqueradeTable table) {
        change(
                () -> {
                    director.setMasquerading(table);
                    return table;
                });
    }

    /** The value of a setting. */
    public long sysctl(Sysctl sysctl) {
        return commands.call(() -> director.sysctls().value(sysctl));
    }

    /** Changes a setting; false, and nothing changed, if the value is out of its range. */
    public boolean setSysctl(Sysctl sysctl, long value) {
        return commands.call(() -> director.sysctls().set(sysctl, value));
    }
}
