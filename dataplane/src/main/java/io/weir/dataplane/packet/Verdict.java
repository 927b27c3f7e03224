package io.weir.dataplane.packet;

/** What is decided about a packet so far. */
public enum Verdict {
    /** Nothing yet. */
    UNDECIDED,
    /** It goes to a real server, or back to the client, by the forwarder of its connection. */
    BALANCE,
    /** It goes to a real server that is the balancer's host itself. */
    LOCAL,
    /** It is routed on as it is. */
    ROUTE,
    /** It is for the balancer's own network stack. */
    DELIVER,
    /** A fragment, kept until the others are there; what goes on is the datagram. */
    HELD,
    /** It goes no further; a {@link DropReason} was counted. */
    DROP
}
