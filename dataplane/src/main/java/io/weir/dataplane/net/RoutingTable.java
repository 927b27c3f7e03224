package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Routes of both families for longest-prefix lookup. Immutable. */
public final class RoutingTable {
    private final PrefixRanges ranges;
    private final PrefixRanges wideRanges;

    /**
     * Takes the best of equal prefixes: local before others, then the lowest metric, then the
     * first.
     */
    public RoutingTable(List<Route> routes) {
        ranges = new PrefixRanges(of(routes, false));
        wideRanges = new PrefixRanges(of(routes, true));
    }

    private static List<Route> of(List<Route> routes, boolean ipv6) {
        return routes.stream().filter(route -> route.destination().ipv6() == ipv6).toList();
    }

    /** The best route to an IPv4 address, or null. */
    public @Nullable Route lookup(int destination) {
        return ranges.find((long) destination << Integer.SIZE, 0);
    }

    /** The best route to an IPv6 address, or null. */
    public @Nullable Route lookup(long high, long low) {
        return wideRanges.find(high, low);
    }

    /** Whether some addresses of an IPv4 prefix have a longer prefix in this table. */
    public boolean divides(int network, int length) {
        // Only a longer one ends or begins within it.
        long first = (long) network << Integer.SIZE;
        return ranges.range(first, 0) != ranges.range(first | -1L >>> length, -1);
    }
}
