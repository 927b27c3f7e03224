package io.weir.dataplane.director;

import io.weir.dataplane.egress.CachedClock;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.flow.StateTimeouts;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.spi.SchedulerCatalog;
import io.weir.dataplane.sync.ResyncRequests;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncTransport;

import org.jspecify.annotations.Nullable;

/**
 * What the two synchronisation daemons have to do with this balancer's connections. Owned by the
 * worker, but for {@link #receiver}'s queue, {@link #heardRequest} and {@link #heardAnswer}.
 */
public final class Synchronisation implements AutoCloseable {
    private final SyncedKeys keys;
    private final SyncReceiver receiver;
    private final SyncReporter reporter;
    private final SavedConnections saved;
    private final SyncCounters counters;
    private final ResyncRequests requests = new ResyncRequests();
    private final CachedClock clock;
    private final WorkerShare share;

    private Synchronisation(
            SyncedKeys keys,
            SyncReceiver receiver,
            SyncReporter reporter,
            SavedConnections saved,
            SyncCounters counters,
            CachedClock clock,
            WorkerShare share) {
        this.keys = keys;
        this.receiver = receiver;
        this.reporter = reporter;
        this.saved = saved;
        this.counters = counters;
        this.clock = clock;
        this.share = share;
    }

    /** Makes it for a director that has its table, rules and lives of connections. */
    static Synchronisation of(
            Director director,
            ExpiryWheel wheel,
            StateTimeouts timeouts,
            CachedClock clock,
            SchedulerCatalog catalog,
            DropCounters drops,
            WorkerShare share) {
        ConnectionTable table = director.table();
        PersistenceData data = director.persistenceData();
        ServerRegistry servers = director.servers();
        ConnectionLife life = director.life();
        Sysctls sysctls = director.sysctls();
        SyncedKeys keys = new SyncedKeys(catalog);
        RelayedDetails details = new RelayedDetails(table, life);
        SyncedConnections synced =
                new SyncedConnections(
                        table,
                        data,
                        director.serviceTable(),
                        servers,
                        life,
                        wheel,
                        timeouts,
                        sysctls,
                        drops,
                        keys,
                        director.expectations(),
                        details);
        life.listeners().use(synced);
        SyncCounters counters = new SyncCounters();
        SyncReporter reporter =
                new SyncReporter(table, data, servers, wheel, sysctls, clock, counters, details);
        SyncReceiver receiver = new SyncReceiver(synced, drops, counters, share);
        SavedConnections saved =
                new SavedConnections(table, wheel, life, reporter.entries(), synced, share);
        return new Synchronisation(keys, receiver, reporter, saved, counters, clock, share);
    }

    /** Takes what another balancer tells of its connections. */
    public SyncReceiver receiver() {
        return receiver;
    }

    /** Takes connections to the next process on this machine. */
    public SavedConnections saved() {
        return saved;
    }

    /** What was sent and taken. */
    public SyncCounters counters() {
        return counters;
    }

    /** Reports connections to another balancer. */
    public SyncReporter reporter() {
        return reporter;
    }

    /**
     * Takes what another balancer tells from now on.
     *
     * @param daemon with its own maximum length
     * @param asking asks others for all connections, and takes such as others ask for; null for not
     */
    public void startBackup(SyncDaemon daemon, @Nullable SyncTransport asking) {
        receiver.start(daemon);
        if (asking != null) {
            if (share.first()) {
                requests.start(daemon, asking, clock.millis());
            }
            reporter.startStandby(daemon, asking);
        }
    }

    /** Takes nothing any more; what was taken stays. */
    public void stopBackup() {
        receiver.stop();
        requests.stop();
        reporter.stopStandby();
    }

    /** Asks others for all connections once more, if a backup daemon that asks is running. */
    public void askAgain() {
        requests.again(clock.millis());
    }

    /** Another balancer asks for all connections; any thread. */
    public void heardRequest() {
        reporter.asked();
    }

    /** Another balancer has begun to send all its connections; any thread. */
    public void heardAnswer() {
        requests.answered();
        reporter.othersAnswer();
    }

    /** Whether connections are told to another balancer, or taken from it. */
    boolean runs() {
        return receiver.runs() || reporter.runs();
    }

    /** Does a bounded part of what waits and what time brings. Returns what was done. */
    int work() {
        return receiver.work() + reporter.work() + requests.work(clock.millis());
    }

    @Override
    public void close() {
        keys.close();
        reporter.close();
    }
}
