package io.weir.dataplane.flow;

import io.weir.dataplane.service.Timeouts;

/**
 * How long a connection lives after its last packet, by protocol and state, in seconds
 * (lvs-features.md 6.2; recorded: tcp-statetimes, tcp-timeouts, sctp-nat). Owned by the worker.
 */
public final class StateTimeouts {
    /** Of a connection just made, before its first packet has set a state. */
    public static final int NEW = 3;

    /** What a template or control connection gets whose own time is up while others need it. */
    public static final int STILL_CONTROLLING = 60;

    private final int[] tcp = {2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120};
    private int udp = 300;
    private int changes;

    // SCTP's longest retransmission timeout is a minute (RFC 9260 section 16); one second is for
    // the
    // way. A first INIT, and one that was refused, are soon forgotten.
    private final int[] sctp = {2, 4, 61, 61, 61, 61, 61, 61, 900, 61, 61, 61, 4, 61};

    public int tcp(int state) {
        return tcp[state];
    }

    /** Of {@link SctpState}s; nothing configures them. */
    public int sctp(int state) {
        return sctp[state];
    }

    public int udp() {
        return udp;
    }

    public Timeouts configured() {
        return new Timeouts(tcp[TcpState.ESTABLISHED], tcp[TcpState.FIN_WAIT], udp);
    }

    /** How often they have been configured. */
    public int changes() {
        return changes;
    }

    /** Changes the three that ipvsadm --set changes; 0 leaves one as it is. */
    public void configure(Timeouts timeouts) {
        changes++;
        if (timeouts.tcp() != 0) {
            tcp[TcpState.ESTABLISHED] = timeouts.tcp();
        }
        if (timeouts.tcpFin() != 0) {
            tcp[TcpState.FIN_WAIT] = timeouts.tcpFin();
        }
        if (timeouts.udp() != 0) {
            udp = timeouts.udp();
        }
    }
}
