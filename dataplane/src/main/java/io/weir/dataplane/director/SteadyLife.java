package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_NO_OUTPUT;
import static io.weir.dataplane.flow.ConnectionTable.METHOD_MASK;

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

    /** What decides beside the state: the method, and whether replies are seen. */
    private static final int DECIDING_FLAGS = METHOD_MASK | FLAG_NO_OUTPUT;

    private static final int CONDITIONS = (DECIDING_FLAGS + 1) << STATE_BITS;

    private final StateTimeouts timeouts;
    private final Defence defence;

    // By what decides of a connection's condition, for an ACK alone or a datagram; and what the
    // rules were then.
    private final int[] tcp = new int[CONDITIONS];
    private final int[] tcpReplies = new int[CONDITIONS];
    private final int[] udp = new int[CONDITIONS];
    private int knownChanges = -1;
    private boolean knownSecure;
    private int knownMethods;

    SteadyLife(StateTimeouts timeouts, Defence defence) {
        this.timeouts = timeouts;
        this.defence = defence;
    }

    /**
     * Lets those that follow answer by what the rules are now.
     *
     * @param methods a bit for each forwarding method's code that they answer for; all packets of
     *     others change more
     */
    public void prepare(int methods) {
        boolean secure = defence.securesTcp();
        if (knownChanges == timeouts.changes()
                && knownSecure == secure
                && knownMethods == methods) {
            return;
        }
        knownChanges = timeouts.changes();
        knownSecure = secure;
        knownMethods = methods;
        for (int at = 0; at < CONDITIONS; at++) {
            int state = at & (1 << STATE_BITS) - 1;
            int flags = at >>> STATE_BITS;
            boolean known = (methods >>> (flags & METHOD_MASK) & 1) != 0;
            boolean oneWay = (flags & FLAG_NO_OUTPUT) != 0;
            tcp[at] = known ? kept(oneWay ? TcpState.IN_ONLY : TcpState.IN, state) : CHANGES;
            tcpReplies[at] = known && !oneWay ? kept(TcpState.OUT, state) : CHANGES;
            udp[at] = known ? timeouts.udp() : CHANGES;
        }
    }

    private int kept(int direction, int state) {
        return state < TcpState.COUNT && TcpState.keptByAck(knownSecure, direction, state)
                ? timeouts.tcp(state)
                : CHANGES;
    }

    private static int index(long condition) {
        int flags = ConnectionTable.flagsOf(condition) & DECIDING_FLAGS;
        return flags << STATE_BITS | ConnectionTable.stateOf(condition);
    }

    /**
     * For how long a client's packet that leaves the state of its connection as it is renews this.
     *
     * @param condition the connection's
     * @param protocol UDP, or TCP with ACK and none of SYN, FIN and RST
     * @return seconds, or {@link #CHANGES} if it does not
     */
    public int seconds(long condition, int protocol) {
        return (protocol == ServiceId.TCP ? tcp : udp)[index(condition)];
    }

    /**
     * The same for a server's packet.
     *
     * @param controlled whether the connection has a controller, which a datagram may change
     * @return seconds, or {@link #CHANGES} if it does not, or changes what controls the connection
     */
    public int replySeconds(long condition, int protocol, boolean controlled) {
        if (protocol != ServiceId.TCP) {
            return controlled ? CHANGES : udp[index(condition)];
        }
        return tcpReplies[index(condition)];
    }
}
