package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_MASQUERADED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_ONE_PACKET;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_RETIRED;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.sync.ResyncMessage;
import io.weir.dataplane.sync.SyncEntry;
import io.weir.dataplane.sync.SyncOutbox;
import io.weir.dataplane.sync.SyncTransport;

import org.jspecify.annotations.Nullable;

/**
 * Sends every connection and template to another balancer that asks, by walking the table in
 * bounded steps and at a bounded rate: one that asks all the time gets a walk every {@value
 * #PAUSE_MILLIS} ms. Owned by the worker, but for {@link #asked} and {@link #othersAnswer}.
 */
final class ResyncAnswers {
    /** From the end of a walk to the next. */
    static final int PAUSE_MILLIS = 5_000;

    /** 50,000 entries a second are some 1,300 messages. */
    static final int ENTRIES_PER_MILLI = 50;

    /** What a walk that was not looked after for long may catch up with at once. */
    private static final int MOST_AT_ONCE = 10 * ENTRIES_PER_MILLI;

    private static final int SLOTS_PER_STEP = 1_024;

    private final ConnectionTable table;
    private final SyncEntries entries;
    private final SyncEntry entry = new SyncEntry();
    private @Nullable Way way;
    private volatile boolean asked;
    private volatile boolean othersAnswer;
    private long startMillis = Long.MAX_VALUE;
    private long restUntilMillis = Long.MIN_VALUE;
    private long paidMillis;
    private int credit;
    private int next = ConnectionTable.NONE;

    /**
     * How answers go.
     *
     * @param patienceMillis how long another one may answer first
     */
    record Way(
            SyncOutbox outbox,
            SyncTransport transport,
            int syncId,
            ReportRules rules,
            int patienceMillis) {}

    ResyncAnswers(ConnectionTable table, SyncEntries entries) {
        this.table = table;
        this.entries = entries;
    }

    /** Answers from now on this way, or not at all. */
    void use(@Nullable Way newWay) {
        way = newWay;
        next = ConnectionTable.NONE;
        startMillis = Long.MAX_VALUE;
        asked = false;
    }

    /** Another balancer asks for all connections; any thread. */
    void asked() {
        othersAnswer = false;
        asked = true;
    }

    /** Another balancer has begun to answer; any thread. */
    void othersAnswer() {
        othersAnswer = true;
    }

    boolean walking() {
        return next != ConnectionTable.NONE;
    }

    /**
     * Does the next part of a walk if one is due.
     *
     * @return the slots looked at
     */
    int work(long nowMillis, boolean version0) {
        Way to = way;
        if (to == null) {
            return 0;
        }
        if (walking()) {
            return walk(to, nowMillis, version0);
        }
        if (asked && startMillis == Long.MAX_VALUE) {
            asked = false;
            startMillis = Math.max(nowMillis + to.patienceMillis(), restUntilMillis);
        }
        if (nowMillis >= startMillis) {
            startMillis = Long.MAX_VALUE;
            if (!othersAnswer || to.patienceMillis() == 0) {
                begin(to, nowMillis);
            }
        }
        return 0;
    }

    private void begin(Way to, long nowMillis) {
        byte[] answer = ResyncMessage.of(ResyncMessage.ANSWER, to.syncId());
        to.transport().send(0, answer, answer.length);
        next = 0;
        credit = 0;
        paidMillis = nowMillis;
    }

    private int walk(Way to, long nowMillis, boolean version0) {
        long earned = (nowMillis - paidMillis) * ENTRIES_PER_MILLI;
        credit = (int) Math.min(credit + earned, MOST_AT_ONCE);
        paidMillis = nowMillis;
        int looked = 0;
        while (looked < SLOTS_PER_STEP && credit > 0 && next < table.slots()) {
            if (tells(next, to.rules(), version0)) {
                entries.describe(next, entry);
                to.outbox().add(entry, next, version0, nowMillis);
                table.setStateReported(next);
                credit--;
            }
            next++;
            looked++;
        }
        if (next >= table.slots()) {
            next = ConnectionTable.NONE;
            restUntilMillis = nowMillis + PAUSE_MILLIS;
        }
        return looked;
    }

    private boolean tells(int slot, ReportRules rules, boolean version0) {
        return table.used(slot)
                && !table.has(slot, FLAG_MASQUERADED | FLAG_ONE_PACKET | FLAG_RETIRED)
                && table.ipv6(slot) == table.serverIpv6(slot)
                && !(version0 && table.ipv6(slot))
                && rules.told(slot);
    }
}
