package io.weir.dataplane.director;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.SctpState;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ServiceId;

/**
 * Keeps a few entries of a full connection table free for new connections, by giving up connections
 * that have not got beyond their beginning: handshakes that are not over, and datagrams that were
 * not followed by a second one. A flood from false addresses then takes the room of its own
 * entries, not that of clients. Established connections are never given up.
 *
 * <p>Of {@value #SAMPLE} such connections behind a hand that goes round the table, the one goes
 * that nothing has come from for longer, if that is longer than a handshake takes. Runs between two
 * bursts, as expiry does, so that no packet at hand belongs to an entry that ends. Owned by the
 * worker.
 */
final class HalfOpenEviction {
    /** As many as the packets of a burst on each of 8 ports may need, templates included. */
    static final int RESERVE = 1024;

    /** Small tables keep a smaller part free. */
    private static final int RESERVED_PART = 16;

    private static final int SAMPLE = 2;

    /** A client within this time of the balancer gets its handshake done: 300 ms. */
    static final int HANDSHAKE_TICKS = 300 / ExpiryWheel.TICK_MILLIS;

    /** Entries given up in one step. */
    private static final int MOST_EVICTED = 256;

    /** Samples in one step that are too young altogether. */
    private static final int MOST_YOUNG = 8;

    /** Lines looked at in one step: about 10 microseconds of memory reads. */
    private static final int MOST_LINES = 2048;

    /** How long it rests after a round on which it found nothing. */
    private static final int REST_TICKS = 1000 / ExpiryWheel.TICK_MILLIS;

    /** Entries that must stay: they wait for somebody, or were told by another balancer. */
    private static final int NOT_BEGUN_HERE =
            ConnectionTable.FLAG_TEMPLATE
                    | ConnectionTable.FLAG_PORT_TEMPLATE
                    | ConnectionTable.FLAG_EXPECTED
                    | ConnectionTable.FLAG_NO_CLIENT_PORT
                    | ConnectionTable.FLAG_SYNCED
                    | ConnectionTable.FLAG_MASQUERADED;

    private final ConnectionTable table;
    private final ConnectionLife life;
    private final Admission admission;
    private final DropCounters drops;
    private final int reserve;
    private int hand;
    private int linesInVain;
    private int restedAtTick;

    HalfOpenEviction(
            ConnectionTable table, ConnectionLife life, Admission admission, DropCounters drops) {
        this.table = table;
        this.life = life;
        this.admission = admission;
        this.drops = drops;
        this.reserve = Math.min(RESERVE, table.capacity() / RESERVED_PART);
    }

    /** Does one step if the table is nearly full; returns how many connections were given up. */
    int step() {
        int missing = reserve - (table.capacity() - table.size());
        if (missing <= 0) {
            return 0;
        }
        admission.limit();
        if (rests()) {
            return 0;
        }
        int most = Math.min(missing, MOST_EVICTED);
        int evicted = 0;
        int end = linesInVain + MOST_LINES;
        int young = 0;
        while (evicted < most && young < MOST_YOUNG && linesInVain < end) {
            int oldest = oldestOfSample(end);
            if (oldest == ConnectionTable.NONE) {
                break;
            }
            end -= linesInVain;
            linesInVain = 0;
            if (life.idleTicks(oldest) < HANDSHAKE_TICKS) {
                young++;
                continue;
            }
            life.endWithController(oldest);
            drops.count(DropReason.HALF_OPEN_EVICTED);
            evicted++;
        }
        return evicted;
    }

    // A table full of connections that must stay is not searched in every cycle.
    private boolean rests() {
        if (linesInVain < table.slots()) {
            restedAtTick = life.now();
            return false;
        }
        if (life.now() - restedAtTick < REST_TICKS) {
            return true;
        }
        linesInVain = 0;
        return false;
    }

    private int oldestOfSample(int end) {
        int oldest = ConnectionTable.NONE;
        int sampled = 0;
        while (sampled < SAMPLE && linesInVain < end) {
            hand = hand + 1 == table.slots() ? 0 : hand + 1;
            linesInVain++;
            if (halfOpen(hand)) {
                sampled++;
                if (oldest == ConnectionTable.NONE
                        || life.idleTicks(hand) > life.idleTicks(oldest)) {
                    oldest = hand;
                }
            }
        }
        return oldest;
    }

    private boolean halfOpen(int slot) {
        long condition = table.condition(slot);
        int flags = ConnectionTable.flagsOf(condition);
        if ((flags & (ConnectionTable.FLAG_USED | NOT_BEGUN_HERE)) != ConnectionTable.FLAG_USED
                || table.controlled(slot) > 0) {
            return false;
        }
        int state = ConnectionTable.stateOf(condition);
        return switch (table.protocol(slot)) {
            case ServiceId.TCP -> state == TcpState.SYN_RECV || state == TcpState.SYNACK;
            case ServiceId.SCTP -> state == SctpState.INIT1 || state == SctpState.INIT;
            default -> table.packets(slot) <= 1;
        };
    }
}
