package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

/**
 * A route of the main or local table.
 *
 * @param destination the prefix' address, host bits zero
 * @param prefixLength its length
 * @param gateway the next hop; null when the destination is on the link itself
 * @param linkIndex the outgoing interface
 * @param metric the lower, the better among equal prefixes
 * @param kind what is done with packets for the prefix
 * @param preferredSource the source address of packets the host makes itself, if the route names
 *     one
 */
public record Route(
        IpAddress destination,
        int prefixLength,
        @Nullable IpAddress gateway,
        int linkIndex,
        int metric,
        Kind kind,
        @Nullable IpAddress preferredSource) {
    /** What a route does with its packets. */
    public enum Kind {
        /** Forwards them. */
        UNICAST,
        /** Delivers them to the host: every address of the prefix is its own. */
        LOCAL,
        /** Refuses them: blackhole, unreachable, prohibit. */
        REFUSE
    }
}
