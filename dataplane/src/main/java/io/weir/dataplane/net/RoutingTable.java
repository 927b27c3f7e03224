package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * IPv4 routes for longest-prefix lookup: one sorted array for each prefix length, searched from the
 * longest. Immutable.
 */
public final class RoutingTable {
    private static final int LENGTHS = 33;

    private final Route[][] byLength = new Route[LENGTHS][];

    public RoutingTable(List<Route> routes) {
        for (int length = 0; length < LENGTHS; length++) {
            List<Route> equal = new ArrayList<>();
            for (Route route : routes) {
                if (!route.destination().ipv6() && route.prefixLength() == length) {
                    equal.add(route);
                }
            }
            equal.sort(
                    Comparator.comparingInt((Route route) -> route.destination().v4())
                            .thenComparingInt(route -> route.kind() == Route.Kind.LOCAL ? 0 : 1)
                            .thenComparingInt(Route::metric));
            byLength[length] = equal.toArray(Route[]::new);
        }
    }

    /** The best route to an address, or null. */
    public @Nullable Route lookup(int destination) {
        for (int length = LENGTHS - 1; length >= 0; length--) {
            Route[] routes = byLength[length];
            if (routes.length > 0) {
                Route found = search(routes, length == 0 ? 0 : destination & (-1 << (32 - length)));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    // The first of equal prefixes is the best one: local before others, then by metric.
    private static @Nullable Route search(Route[] routes, int prefix) {
        int low = 0;
        int high = routes.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (routes[middle].destination().v4() < prefix) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < routes.length && routes[low].destination().v4() == prefix ? routes[low] : null;
    }
}
