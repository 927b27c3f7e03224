package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Goes through the routes of one family in the order of their addresses and finds where another
 * than before is the best one.
 */
final class PrefixSweep {
    private static final int MOST_NESTED = 129;

    /** Enclosing prefixes come before what is in them, and the best one of equal prefixes first. */
    private static final Comparator<Route> ORDER =
            (one, other) -> {
                int order = Long.compareUnsigned(high(one), high(other));
                if (order == 0) {
                    order = Long.compareUnsigned(low(one), low(other));
                }
                if (order == 0) {
                    order = Integer.compare(one.prefixLength(), other.prefixLength());
                }
                if (order == 0) {
                    order = Boolean.compare(notLocal(one), notLocal(other));
                }
                return order == 0 ? Integer.compare(one.metric(), other.metric()) : order;
            };

    private final long[] startHigh;
    private final long[] startLow;
    private final @Nullable Route[] routes;
    private int count;

    /** Does it. */
    PrefixSweep(List<Route> family) {
        Route[] sorted = family.toArray(Route[]::new);
        Arrays.sort(sorted, ORDER);
        // Each begins a range, and ends one.
        int most = 2 * sorted.length + 1;
        startHigh = new long[most];
        startLow = new long[most];
        routes = new Route[most];
        begin(0, 0, null);
        addAll(sorted);
    }

    /** The first half of the addresses where ranges begin, in their order as unsigned numbers. */
    long[] startHigh() {
        return Arrays.copyOf(startHigh, count);
    }

    /** The second half of them. */
    long[] startLow() {
        return Arrays.copyOf(startLow, count);
    }

    /** The best route in each range; null for none. */
    @Nullable Route[] routes() {
        return Arrays.copyOf(routes, count);
    }

    private static boolean notLocal(Route route) {
        return route.kind() != Route.Kind.LOCAL;
    }

    private static long high(Route route) {
        IpAddress address = route.destination();
        return (address.ipv6() ? address.high() : address.low() << Integer.SIZE)
                & IpAddress.maskHigh(route.prefixLength());
    }

    private static long low(Route route) {
        IpAddress address = route.destination();
        return address.ipv6() ? address.low() & IpAddress.maskLow(route.prefixLength()) : 0;
    }

    private void addAll(Route[] sorted) {
        Route[] open = new Route[MOST_NESTED];
        int nested = 0;
        for (Route route : sorted) {
            while (nested > 0 && !contains(open[nested - 1], route)) {
                nested--;
                end(open[nested], nested == 0 ? null : open[nested - 1]);
            }
            if (nested == 0 || open[nested - 1].prefixLength() < route.prefixLength()) {
                begin(high(route), low(route), route);
                open[nested++] = route;
            }
        }
        while (nested > 0) {
            nested--;
            end(open[nested], nested == 0 ? null : open[nested - 1]);
        }
    }

    private static boolean contains(Route outer, Route inner) {
        int length = outer.prefixLength();
        return length <= inner.prefixLength()
                && (high(inner) & IpAddress.maskHigh(length)) == high(outer)
                && (low(inner) & IpAddress.maskLow(length)) == low(outer);
    }

    /** A range begins; one that would begin at the same address has no addresses. */
    private void begin(long high, long low, @Nullable Route route) {
        if (count == 0 || startHigh[count - 1] != high || startLow[count - 1] != low) {
            count++;
        }
        startHigh[count - 1] = high;
        startLow[count - 1] = low;
        routes[count - 1] = route;
    }

    /** Behind the last address of a prefix that of the prefix around it begins. */
    private void end(Route route, @Nullable Route around) {
        long high = high(route) | ~IpAddress.maskHigh(route.prefixLength());
        long low = low(route) | ~IpAddress.maskLow(route.prefixLength());
        if (low != -1) {
            begin(high, low + 1, around);
        } else if (high != -1) {
            begin(high + 1, 0, around);
        }
    }
}
