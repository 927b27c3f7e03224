package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_MASQUERADED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_ONE_PACKET;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_RETIRED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.egress.CachedClock;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.flow.ReportRecords;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncEntry;
import io.weir.dataplane.sync.SyncOutbox;
import io.weir.dataplane.sync.SyncTransport;

import org.jspecify.annotations.Nullable;

/**
 * The master daemon's work: reports connections to the other balancer as their clients' packets
 * pass, and the templates and control connections that they depend on behind them. Owned by the
 * worker.
 *
 * <p>Costs one comparison a packet while no daemon runs.
 */
public final class SyncReporter implements AutoCloseable {
    /** How long a backup leaves it to a master to answer. */
    private static final int STANDBY_PATIENCE_MILLIS = 2_000;

    private final ConnectionTable table;
    private final ExpiryWheel wheel;
    private final Sysctls sysctls;
    private final CachedClock clock;
    private final SyncEntries entries;
    private final SyncCounters counters;
    private final SyncEntry entry = new SyncEntry();
    private final ResyncAnswers answers;
    private @Nullable ReportRecords records;
    private @Nullable ReportRules rules;
    private @Nullable SyncOutbox outbox;
    private ResyncAnswers.@Nullable Way masterWay;
    private ResyncAnswers.@Nullable Way standbyWay;

    SyncReporter(
            ConnectionTable table,
            PersistenceData persistenceData,
            ServerRegistry servers,
            ExpiryWheel wheel,
            Sysctls sysctls,
            CachedClock clock,
            SyncCounters counters,
            RelayedDetails details) {
        this.table = table;
        this.wheel = wheel;
        this.sysctls = sysctls;
        this.clock = clock;
        this.counters = counters;
        this.entries = new SyncEntries(table, persistenceData, servers, wheel, details);
        this.answers = new ResyncAnswers(table, entries);
    }

    /** What describes connections. */
    SyncEntries entries() {
        return entries;
    }

    /**
     * Reports from now on, and answers those that ask for all connections.
     *
     * @param daemon with its own maximum length
     * @param ports how many ports the transport has, a power of two
     */
    public void start(SyncDaemon daemon, int ports, SyncTransport transport) {
        outbox = new SyncOutbox(daemon, ports, transport, counters, clock.millis());
        masterWay = way(daemon, outbox, transport, 0);
        answers.use(masterWay);
    }

    /**
     * Reports nothing any more. What has not been sent is lost, as in the kernel (recorded:
     * daemon-restart); with a delay of weir's own it is sent first, because the other balancer
     * takes over now.
     */
    public void stop() {
        SyncOutbox box = outbox;
        if (box != null && sysctls.on(Sysctl.SYNC_DELAY)) {
            box.flush(clock.millis());
        }
        outbox = null;
        masterWay = null;
        answers.use(standbyWay);
    }

    /**
     * Answers those that ask for all connections if no master does, until {@link #stopStandby}.
     *
     * @param daemon a backup with its own maximum length
     */
    public void startStandby(SyncDaemon daemon, SyncTransport transport) {
        SyncOutbox box = new SyncOutbox(daemon, 1, transport, counters, clock.millis());
        standbyWay = way(daemon, box, transport, STANDBY_PATIENCE_MILLIS);
        answers.use(masterWay == null ? standbyWay : masterWay);
    }

    /** Ends that. */
    public void stopStandby() {
        standbyWay = null;
        answers.use(masterWay);
    }

    private ResyncAnswers.Way way(
            SyncDaemon daemon, SyncOutbox box, SyncTransport transport, int patienceMillis) {
        ReportRules known = rules;
        if (known == null) {
            records = new ReportRecords(table);
            known = new ReportRules(table, wheel, records, sysctls);
            rules = known;
        }
        return new ResyncAnswers.Way(box, transport, daemon.syncId(), known, patienceMillis);
    }

    /** Another balancer asks for all connections; any thread. */
    public void asked() {
        answers.asked();
    }

    /** Another balancer has begun to send all connections; any thread. */
    public void othersAnswer() {
        answers.othersAnswer();
    }

    /** Looks at the connection of a client's packet that was counted and has advanced its state. */
    public void clientPacket(int slot) {
        if (outbox != null) {
            consider(slot);
        }
    }

    private void consider(int slot) {
        int flags = table.flags(slot);
        ReportRules due = rules;
        ReportRecords counts = records;
        if ((flags & FLAG_MASQUERADED) != 0
                || table.ipv6(slot) != table.serverIpv6(slot)
                || due == null
                || counts == null) {
            return;
        }
        int now = (int) (clock.millis() / ExpiryWheel.TICK_MILLIS);
        boolean version0 = !sysctls.on(Sysctl.SYNC_VERSION);
        if (version0 && ((flags & FLAG_ONE_PACKET) != 0 || table.ipv6(slot))) {
            return;
        }
        if ((flags & FLAG_ONE_PACKET) == 0) {
            if (due.due(slot, counts.packets(slot, now), now)) {
                report(slot, version0);
            } else if (version0) {
                return;
            }
        }
        reportControllers(slot, version0, now, due, counts);
    }

    // In version 1 a controller goes its own way, in version 0 only with what it controls.
    private void reportControllers(
            int slot, boolean version0, int now, ReportRules due, ReportRecords counts) {
        int controller = table.controller(slot);
        while (controller != NONE) {
            long packets = sysctls.syncThreshold();
            if (table.has(controller, FLAG_TEMPLATE)) {
                table.countPacket(controller);
                packets = counts.packets(controller, now);
            }
            if (due.due(controller, packets, now)) {
                report(controller, version0);
            } else if (version0) {
                return;
            }
            controller = table.controller(controller);
        }
    }

    private void report(int slot, boolean version0) {
        SyncOutbox box = outbox;
        if (box != null && !table.has(slot, FLAG_RETIRED)) {
            entries.describe(slot, entry);
            box.add(entry, slot, version0, clock.millis());
        }
    }

    /** Whether a master daemon reports connections. */
    public boolean reports() {
        return outbox != null;
    }

    /** Of the packets of a client that come in a row, how many have one among them to report. */
    public int period() {
        return Math.max(1, sysctls.syncPeriod());
    }

    /** How many packets of a client a report waits for. */
    public int threshold() {
        return sysctls.syncThreshold();
    }

    boolean runs() {
        return outbox != null || standbyWay != null;
    }

    /** Sends what is due. Returns what was done. */
    int work() {
        long now = clock.millis();
        int delay = sysctls.get(Sysctl.SYNC_DELAY);
        int work = answers.work(now, !sysctls.on(Sysctl.SYNC_VERSION));
        SyncOutbox box = outbox;
        if (box != null) {
            work += box.work(now, delay);
        }
        ResyncAnswers.Way standby = standbyWay;
        if (standby != null) {
            work += standby.outbox().work(now, delay);
        }
        return work;
    }

    @Override
    public void close() {
        if (records != null) {
            records.close();
        }
    }
}
