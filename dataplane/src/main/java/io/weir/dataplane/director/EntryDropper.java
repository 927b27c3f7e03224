package io.weir.dataplane.director;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.SctpState;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.service.ServiceId;

/**
 * drop_entry: while it is in force, each second a 32nd of the connection table loses the entries
 * that look like a flood's: handshakes that are not over, and connections that had at most eight
 * packets and none in the last minute, of those with n packets every n-th (lvs-features.md 6.5).
 *
 * <p>Works through the table in steps, so that it takes a few cycles rather than one long one.
 * Owned by the worker.
 */
final class EntryDropper {
    private static final int STEP = 8192;
    private static final int MOST_ENDED = 512;
    private static final int PARTS = 32;
    private static final int MOST_PACKETS = 8;
    private static final int IDLE_TICKS = 60_000 / ExpiryWheel.TICK_MILLIS;

    private final ConnectionTable table;
    private final ConnectionLife life;
    private final int[] untilDrop = new int[MOST_PACKETS + 1];
    private int next;
    private int left;

    EntryDropper(ConnectionTable table, ConnectionLife life) {
        this.table = table;
        this.life = life;
    }

    /** Begins with the next part of the table; what is left of the last one comes first. */
    void begin() {
        left = Math.min(table.slots(), left + Math.max(1, table.slots() / PARTS));
    }

    /** Does one step; returns the slots looked at. */
    int step() {
        int steps = 0;
        int ended = 0;
        int most = Math.min(left, STEP);
        while (steps < most && ended < MOST_ENDED) {
            steps++;
            next = next + 1 >= table.slots() ? 0 : next + 1;
            if (table.used(next) && table.controlled(next) == 0 && suspicious(next)) {
                life.endWithController(next);
                ended++;
            }
        }
        left -= steps;
        return steps;
    }

    private boolean suspicious(int slot) {
        if (table.has(slot, ConnectionTable.FLAG_TEMPLATE)) {
            return table.state(slot) != ConnectionLife.TEMPLATE_ASSURED;
        }
        int state = table.state(slot);
        return switch (table.protocol(slot)) {
            case ServiceId.TCP ->
                    state == TcpState.SYN_RECV
                            || state == TcpState.SYNACK
                            || (state == TcpState.ESTABLISHED && idle(slot));
            case ServiceId.SCTP ->
                    state == SctpState.INIT1
                            || state == SctpState.INIT
                            || (state == SctpState.ESTABLISHED && idle(slot));
            default -> idle(slot);
        };
    }

    private boolean idle(int slot) {
        int packets = table.packets(slot);
        if (packets == 0 || packets > MOST_PACKETS || life.idleTicks(slot) < IDLE_TICKS) {
            return false;
        }
        untilDrop[packets]--;
        if (untilDrop[packets] > 0) {
            return false;
        }
        untilDrop[packets] = packets;
        return true;
    }
}
