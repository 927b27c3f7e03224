package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Routes of both families for longest-prefix lookup: one sorted array for each prefix length,
 * searched from the longest. Immutable.
 */
public final class RoutingTable {
    private static final Route[] NONE = {};

    private final Route[][] byLength;
    private final Route[][] byLengthWide;

    public RoutingTable(List<Route> routes) {
        byLength = sorted(routes, false, 32);
        byLengthWide = sorted(routes, true, 128);
    }

    private static Route[][] sorted(List<Route> routes, boolean ipv6, int longest) {
        List<List<Route>> equal = new ArrayList<>();
        for (int length = 0; length <= longest; length++) {
            equal.add(new ArrayList<>());
        }
        for (Route route : routes) {
            if (route.destination().ipv6() == ipv6) {
                equal.get(route.prefixLength()).add(route);
            }
        }
        Route[][] table = new Route[longest + 1][];
        for (int length = 0; length <= longest; length++) {
            // The first of equal prefixes is the best one: local before others, then by metric.
            equal.get(length)
                    .sort(
                            Comparator.comparing(Route::destination)
                                    .thenComparingInt(
                                            route -> route.kind() == Route.Kind.LOCAL ? 0 : 1)
                                    .thenComparingInt(Route::metric));
            table[length] = equal.get(length).toArray(NONE);
        }
        return table;
    }

    /** The best route to an IPv4 address, or null. */
    public @Nullable Route lookup(int destination) {
        for (int length = byLength.length - 1; length >= 0; length--) {
            Route[] routes = byLength[length];
            if (routes.length > 0) {
                int prefix = length == 0 ? 0 : destination & (-1 << (32 - length));
                Route found = search(routes, 0, prefix & 0xffffffffL);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    /** Whether some addresses of an IPv4 prefix have a longer prefix in this table. */
    public boolean divides(int network, int length) {
        int mask = -1 << (Integer.SIZE - length);
        for (int longer = length + 1; longer < byLength.length; longer++) {
            Route[] routes = byLength[longer];
            int at = firstFrom(routes, 0, network & 0xffffffffL);
            if (at < routes.length && (routes[at].destination().v4() & mask) == network) {
                return true;
            }
        }
        return false;
    }

    /** The best route to an IPv6 address, or null. */
    public @Nullable Route lookup(long high, long low) {
        for (int length = byLengthWide.length - 1; length >= 0; length--) {
            Route[] routes = byLengthWide[length];
            if (routes.length > 0) {
                Route found =
                        search(
                                routes,
                                high & IpAddress.maskHigh(length),
                                low & IpAddress.maskLow(length));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private static @Nullable Route search(Route[] routes, long high, long low) {
        int at = firstFrom(routes, high, low);
        return at < routes.length && compare(routes[at].destination(), high, low) == 0
                ? routes[at]
                : null;
    }

    private static int firstFrom(Route[] routes, long high, long low) {
        int from = 0;
        int to = routes.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (compare(routes[middle].destination(), high, low) < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    private static int compare(IpAddress address, long high, long low) {
        return IpAddress.compare(address.high(), address.low(), high, low);
    }
}
