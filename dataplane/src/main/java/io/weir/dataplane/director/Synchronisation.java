package io.weir.dataplane.director;

import io.weir.dataplane.egress.CachedClock;
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

    Synchronisation(
            SyncedKeys keys,
            SyncReceiver receiver,
            SyncReporter reporter,
            SavedConnections saved,
            SyncCounters counters,
            CachedClock clock) {
        this.keys = keys;
        this.receiver = receiver;
        this.reporter = reporter;
        this.saved = saved;
        this.counters = counters;
        this.clock = clock;
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
            requests.start(daemon, asking, clock.millis());
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
