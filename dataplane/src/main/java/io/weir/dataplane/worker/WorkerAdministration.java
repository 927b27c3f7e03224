package io.weir.dataplane.worker;

import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.SavedConnections;
import io.weir.dataplane.director.ServiceServers;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.net.IpAddress;
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

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * The operator's view of running workers, for any thread: changes and listings of rules run on the
 * workers between two bursts, connections are read beside them. A change is made on all workers or
 * on none; what is listed is the sum over them.
 */
public final class WorkerAdministration implements Administration {
    private final WorkerGroup group;
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
            WorkerGroup group, Runnable afterChange, @Nullable SyncNetwork network) {
        this.group = group;
        this.afterChange = afterChange;
        this.daemons = network == null ? null : new SyncDaemons(network, new WorkerSync(group));
    }

    private RuleResult change(Function<Director, RuleResult> change) {
        return change(change, director -> {});
    }

    // Whether a change is possible follows from the rules, which all workers have. Only how many
    // servers wait for their last connections is each worker's own.
    private RuleResult change(Function<Director, RuleResult> change, Consumer<Director> undo) {
        RuleResult result =
                group.change(
                        worker -> change.apply(worker.director()),
                        RuleResult.DONE::equals,
                        worker -> undo.accept(worker.director()));
        afterChange.run();
        return result;
    }

    /** Changes what cannot be refused. */
    private void set(Consumer<Director> change) {
        group.onEach(
                worker -> {
                    change.accept(worker.director());
                    return worker;
                });
    }

    private <T extends @Nullable Object> T ask(Function<Director, T> question) {
        return group.ask(worker -> question.apply(worker.director()));
    }

    private void makeRoom(IpAddress address) {
        for (Worker worker : group.workers()) {
            worker.director().makeRoom(address);
        }
    }

    private int sum(ToIntFunction<Director> number) {
        int sum = 0;
        for (Worker worker : group.workers()) {
            sum += number.applyAsInt(worker.director());
        }
        return sum;
    }

    @Override
    public RuleResult addService(ServiceId id, ServiceSettings settings) {
        makeRoom(id.address());
        return change(
                director -> director.addService(id, settings),
                director -> director.deleteService(id));
    }

    @Override
    public RuleResult editService(ServiceId id, ServiceSettings settings) {
        return change(director -> director.editService(id, settings));
    }

    @Override
    public RuleResult deleteService(ServiceId id) {
        return change(director -> director.deleteService(id));
    }

    @Override
    public RuleResult addServer(ServiceId service, ServerId id, ServerSettings settings) {
        return add(service, id, director -> director.addServer(service, id, settings));
    }

    @Override
    public RuleResult editServer(ServiceId service, ServerId id, ServerSettings settings) {
        return change(director -> director.editServer(service, id, settings));
    }

    @Override
    public RuleResult deleteServer(ServiceId service, ServerId id) {
        return change(director -> director.deleteServer(service, id));
    }

    @Override
    public RuleResult drainServer(ServiceId service, ServerId id, boolean draining) {
        return change(director -> director.drainServer(service, id, draining));
    }

    // Both between the same two bursts.
    @Override
    public RuleResult addDrainingServer(ServiceId service, ServerId id, ServerSettings settings) {
        return add(service, id, director -> director.addDrainingServer(service, id, settings));
    }

    private RuleResult add(ServiceId service, ServerId id, Function<Director, RuleResult> how) {
        makeRoom(id.address());
        return change(how, director -> director.deleteServer(service, id));
    }

    @Override
    public RuleResult expelServer(ServiceId service, ServerId id) {
        return change(director -> director.expelServer(service, id));
    }

    @Override
    public void clear() {
        for (ServiceServers service : ask(Director::serviceServers)) {
            group.onEach(worker -> worker.director().deleteService(service.id()));
        }
        set(Director::clear);
        afterChange.run();
    }

    @Override
    public RuleResult zero(@Nullable ServiceId service) {
        if (service != null) {
            return group.onEach(worker -> worker.director().zero(service)).getFirst();
        }
        set(Director::zeroTotals);
        for (ServiceServers each : ask(Director::serviceServers)) {
            group.onEach(worker -> worker.director().zero(each.id()));
        }
        return RuleResult.DONE;
    }

    @Override
    public void setTimeouts(Timeouts timeouts) {
        set(director -> director.setTimeouts(timeouts));
    }

    @Override
    public Timeouts timeouts() {
        return ask(Director::timeouts);
    }

    @Override
    public List<ServiceListing> services() {
        List<List<ServiceListing>> parts = new ArrayList<>();
        for (List<ServiceServers> part : group.onEach(w -> w.director().serviceServers())) {
            parts.add(part.stream().map(ServiceServers::listing).toList());
        }
        return ListingSums.services(parts);
    }

    @Override
    public @Nullable ServiceListing service(ServiceId id) {
        ServiceListing sum = null;
        for (ServiceListing part : group.onEach(worker -> worker.director().service(id))) {
            if (part != null) {
                sum = sum == null ? part : ListingSums.sum(sum, part);
            }
        }
        return sum;
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        set(director -> director.offloaded().hear());
        for (Worker worker : group.workers()) {
            worker.director().connections(consumer);
        }
    }

    @Override
    public CounterSnapshot totals() {
        CounterSnapshot sum = CounterSnapshot.ZERO;
        for (Worker worker : group.workers()) {
            sum = ListingSums.sum(sum, worker.director().totals());
        }
        return sum;
    }

    @Override
    public int followedConnections() {
        return sum(Director::followedConnections);
    }

    @Override
    public int connectionCapacity() {
        return sum(Director::connectionCapacity);
    }

    @Override
    public SyncDaemonResult startSyncDaemon(SyncDaemon daemon) {
        return daemons == null ? SyncDaemonResult.NOT_SUPPORTED : daemons.start(daemon);
    }

    @Override
    public void synchroniseAsPair() {
        set(director -> PairSettings.applyTo(director.sysctls()));
    }

    @Override
    public void setStandby(boolean on) {
        set(director -> director.takeoverGrace().setStandby(on));
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
        SyncCounters.Snapshot sum = new SyncCounters.Snapshot(0, 0, 0, 0, 0, 0, 0);
        for (Worker worker : group.workers()) {
            sum = ListingSums.sum(sum, worker.director().synchronisation().counters().snapshot());
        }
        return sum;
    }

    /** Whether {@link #saveConnections} would tell of one that is not over. */
    public boolean anyConnectionGoesOn() {
        return group.onEach(
                        worker -> {
                            worker.director().offloaded().hear();
                            return worker.director().synchronisation().saved().anyGoesOn();
                        })
                .contains(true);
    }

    /**
     * Tells of every connection that can be told of, for {@link #restoreConnections} of another
     * process, one worker after the other. A worker does nothing else meanwhile, and the kernel
     * forwards none of its flows from then on: what becomes of them is the other process's to see.
     */
    public void saveConnections(SavedConnections.Sink sink) {
        Fillable fillable = new Fillable(sink);
        for (Worker worker : group.workers()) {
            worker.commands()
                    .call(
                            () -> {
                                save(worker.director(), fillable);
                                return worker;
                            });
        }
    }

    private static void save(Director director, SavedConnections.Sink sink) {
        director.offloaded().withdrawAll();
        director.offloaded().hear(); // what was forwarded before that
        director.synchronisation().saved().save(sink);
    }

    /** A sink that stays full, whoever asks. */
    private static final class Fillable implements SavedConnections.Sink {
        private final SavedConnections.Sink sink;
        private boolean full;

        Fillable(SavedConnections.Sink sink) {
            this.sink = sink;
        }

        @Override
        public boolean take(byte[] message, int length, int count) {
            full = full || !sink.take(message, length, count);
            return !full;
        }
    }

    /** Takes the connections of a message that another process has saved; how many. */
    public int restoreConnections(byte[] message) {
        return onSaved(saved -> saved.restore(message));
    }

    /**
     * Gives restored connections the entries of their real servers.
     *
     * @return how many are still without
     */
    public int bindConnections(byte[] message) {
        return onSaved(saved -> saved.bind(message));
    }

    private int onSaved(ToIntFunction<SavedConnections> work) {
        int sum = 0;
        for (int part :
                group.onEach(
                        worker -> work.applyAsInt(worker.director().synchronisation().saved()))) {
            sum += part;
        }
        return sum;
    }

    /** Connections and templates in the table at this moment. */
    public int connectionCount() {
        return sum(Director::connectionCount);
    }

    /** The rules that give packets firewall marks. */
    public List<MarkRule> marks() {
        return ask(director -> director.marks().rules());
    }

    /** Replaces the rules that give packets firewall marks, all of them at once. */
    public void setMarks(MarkTable table) {
        set(director -> director.setMarks(table));
        afterChange.run();
    }

    /** The rules that hide connections of real servers behind an address. */
    public List<MasqueradeRule> masquerading() {
        return ask(director -> director.masquerading().rules().rules());
    }

    /** Replaces the rules that hide connections of real servers, all of them at once. */
    public void setMasquerading(MasqueradeTable table) {
        set(director -> director.setMasquerading(table));
        afterChange.run();
    }

    /** The value of a setting. */
    public long sysctl(Sysctl sysctl) {
        return ask(director -> director.sysctls().value(sysctl));
    }

    /** Changes a setting; false, and nothing changed, if the value is out of its range. */
    public boolean setSysctl(Sysctl sysctl, long value) {
        return group.onEach(worker -> worker.director().sysctls().set(sysctl, value)).getFirst();
    }
}
