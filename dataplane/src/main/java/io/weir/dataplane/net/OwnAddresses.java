package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
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
    private static final int FILTER_BITS = 4096;

    private final int[] local;
    private final int[] localOrBroadcast;
    private final long[] filter = new long[FILTER_BITS / Long.SIZE];

    /** By the first byte of an address, whether any of the host's begins so or is in a prefix. */
    private final boolean[] near = new boolean[256];

    private final long[] wideHigh;
    private final long[] wideLow;
    private final int[] prefixNetworks;
    private final int[] prefixMasks;
    private final boolean widePrefixes;

    OwnAddresses(NetworkSnapshot network) {
        Set<Integer> own = new HashSet<>();
        Set<IpAddress> wide = new TreeSet<>();
        for (LinkAddress address : network.addresses()) {
            add(address.address(), own, wide);
        }
        List<Route> prefixes = new ArrayList<>();
        boolean someWide = false;
        for (Route route : network.routes()) {
            if (route.kind() == Route.Kind.LOCAL) {
                boolean ipv6 = route.destination().ipv6();
                if (route.prefixLength() == (ipv6 ? 128 : 32)) {
                    add(route.destination(), own, wide);
                } else if (ipv6) {
                    someWide = true;
                } else {
                    prefixes.add(route);
                }
            }
        }
        prefixMasks = prefixes.stream().mapToInt(OwnAddresses::mask).toArray();
        prefixNetworks = prefixes.stream().mapToInt(p -> p.destination().v4() & mask(p)).toArray();
        widePrefixes = someWide;
        local = sorted(own);
        addBroadcasts(network.addresses(), own);
        localOrBroadcast = sorted(own);
        for (int address : localOrBroadcast) {
            int bit = filterBit(address);
            filter[bit >>> 6] |= 1L << bit;
        }
        for (int first = 0; first < near.length; first++) {
            near[first] = mayContainWithin(first << 24, Byte.SIZE);
        }
        wideHigh = wide.stream().mapToLong(IpAddress::high).toArray();
        wideLow = wide.stream().mapToLong(IpAddress::low).toArray();
    }

    private static int mask(Route route) {
        return route.prefixLength() == 0 ? 0 : -1 << (Integer.SIZE - route.prefixLength());
    }

    private static int filterBit(int address) {
        return (address * 0x9E3779B1) >>> 20;
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
                || (inPrefix(address) && isLocal(routes.lookup(address)));
    }

    boolean containsOrBroadcast(int address, RoutingTable routes) {
        return mayContainOrBroadcast(address)
                && (Arrays.binarySearch(localOrBroadcast, address) >= 0
                        || (inPrefix(address) && isLocal(routes.lookup(address))));
    }

    /** False only if {@link #containsOrBroadcast} is. */
    boolean mayContainOrBroadcast(int address) {
        return near[address >>> 24] && mayContain(address);
    }

    private boolean mayContain(int address) {
        int bit = filterBit(address);
        return (filter[bit >>> 6] >>> bit & 1) != 0 || inPrefix(address);
    }

    /** Whether one of the host's own addresses, or a prefix of them, may be within a prefix. */
    boolean mayContainWithin(int network, int length) {
        int mask = -1 << (Integer.SIZE - length);
        for (int address : localOrBroadcast) {
            if ((address & mask) == network) {
                return true;
            }
        }
        for (int i = 0; i < prefixMasks.length; i++) {
            if (((prefixNetworks[i] ^ network) & prefixMasks[i] & mask) == 0) {
                return true;
            }
        }
        return false;
    }

    // Every host has 127/8 here, so the routes are asked only about what is in such a prefix; there
    // a longer one may be somebody else's.
    private boolean inPrefix(int address) {
        for (int i = 0; i < prefixMasks.length; i++) {
            if ((address & prefixMasks[i]) == prefixNetworks[i]) {
                return true;
            }
        }
        return false;
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
