package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_NO_OUTPUT;
import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.StateTimeouts;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.service.ServiceId;

/**
 * How long packets let their connections live that leave the states of these as they are: nearly
 * all packets do, and find it in one array. Owned by the worker.
 */
public final class SteadyLife {
    /** A packet changes more than the time that its connection has to live. */
    public static final int CHANGES = -1;

    private static final int STATE_BITS = 4;

    private final ConnectionTable table;
    private final StateTimeouts timeouts;
    private final Defence defence;

    // By direction and state, for an ACK alone; and what the rules were then.
    private final int[] seconds = new int[(TcpState.IN_ONLY + 1) << STATE_BITS];
    private int knownChanges = -1;
    private boolean knownSecure;

    SteadyLife(ConnectionTable table, StateTimeouts timeouts, Defence defence) {
        this.table = table;
        this.timeouts = timeouts;
        this.defence = defence;
    }

    /** Lets the two that follow answer by what the rules are now. */
    public void prepare() {
        if (knownChanges != timeouts.changes() || knownSecure != defence.securesTcp()) {
            knownChanges = timeouts.changes();
            knownSecure = defence.securesTcp();
            for (int direction = TcpState.IN; direction <= TcpState.IN_ONLY; direction++) {
                for (int state = 0; state < TcpState.COUNT; state++) {
                    boolean kept = TcpState.keptByAck(knownSecure, direction, state);
                    seconds[direction << STATE_BITS | state] = kept ? timeouts.tcp(state) : CHANGES;
                }
            }
        }
    }

    /**
     * For how long a client's packet that leaves the state of its connection as it is renews this.
     *
     * @param condition the connection's
     * @param protocol UDP, or TCP with ACK and none of SYN, FIN and RST
     * @return seconds, or {@link #CHANGES} if it does not
     */
    public int seconds(long condition, int protocol) {
        if (protocol != ServiceId.TCP) {
            return timeouts.udp();
        }
        boolean inOnly = (ConnectionTable.flagsOf(condition) & FLAG_NO_OUTPUT) != 0;
        int direction = inOnly ? TcpState.IN_ONLY : TcpState.IN;
        return seconds[direction << STATE_BITS | ConnectionTable.stateOf(condition)];
    }

    /**
     * The same for a server's packet.
     *
     * @return seconds, or {@link #CHANGES} if it does not, or changes what controls the connection
     */
    public int replySeconds(int slot, long condition, int protocol) {
        if (protocol != ServiceId.TCP) {
            return table.controller(slot) != NONE ? CHANGES : timeouts.udp();
        }
        return (ConnectionTable.flagsOf(condition) & FLAG_NO_OUTPUT) != 0
                ? CHANGES
                : seconds[TcpState.OUT << STATE_BITS | ConnectionTable.stateOf(condition)];
    }
}
