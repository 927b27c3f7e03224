package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The addresses that are the host's own, and the broadcast addresses of its networks, in sorted
 * arrays. Immutable; local prefixes longer than single addresses are the routing table's to know.
 */
final class OwnAddresses {
    private final int[] local;
    private final int[] localOrBroadcast;
    private final long[] wideHigh;
    private final long[] wideLow;
    private final boolean prefixes;
    private final boolean widePrefixes;

    OwnAddresses(NetworkSnapshot network) {
        Set<Integer> own = new HashSet<>();
        Set<IpAddress> wide = new TreeSet<>();
        for (LinkAddress address : network.addresses()) {
            add(address.address(), own, wide);
        }
        boolean some = false;
        boolean someWide = false;
        for (Route route : network.routes()) {
            if (route.kind() == Route.Kind.LOCAL) {
                boolean ipv6 = route.destination().ipv6();
                if (route.prefixLength() == (ipv6 ? 128 : 32)) {
                    add(route.destination(), own, wide);
                } else {
                    some |= !ipv6;
                    someWide |= ipv6;
                }
            }
        }
        prefixes = some;
        widePrefixes = someWide;
        local = sorted(own);
        addBroadcasts(network.addresses(), own);
        localOrBroadcast = sorted(own);
        wideHigh = wide.stream().mapToLong(IpAddress::high).toArray();
        wideLow = wide.stream().mapToLong(IpAddress::low).toArray();
    }

    private static void add(IpAddress address, Set<Integer> own, Set<IpAddress> wide) {
        if (address.ipv6()) {
            wide.add(address);
        } else {
            own.add(address.v4());
        }
    }

    private static void addBroadcasts(List<LinkAddress> addresses, Set<Integer> all) {
        for (LinkAddress address : addresses) {
            int length = address.prefixLength();
            if (!address.address().ipv6() && length > 0 && length < 31) {
                all.add(address.address().v4() | -1 >>> length);
            }
        }
    }

    private static int[] sorted(Set<Integer> addresses) {
        return addresses.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    boolean contains(int address, RoutingTable routes) {
        return Arrays.binarySearch(local, address) >= 0
                || (prefixes && isLocal(routes.lookup(address)));
    }

    boolean containsOrBroadcast(int address, RoutingTable routes) {
        return Arrays.binarySearch(localOrBroadcast, address) >= 0
                || (prefixes && isLocal(routes.lookup(address)));
    }

    boolean contains(long high, long low, RoutingTable routes) {
        return containsWide(high, low) || (widePrefixes && isLocal(routes.lookup(high, low)));
    }

    private boolean containsWide(long high, long low) {
        int from = 0;
        int to = wideHigh.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            int order = IpAddress.compare(wideHigh[middle], wideLow[middle], high, low);
            if (order == 0) {
                return true;
            }
            if (order < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return false;
    }

    private static boolean isLocal(@Nullable Route route) {
        return route != null && route.kind() == Route.Kind.LOCAL;
    }
}
