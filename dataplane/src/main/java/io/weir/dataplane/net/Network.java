package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The worker's view of the network: which addresses are the host's, which way leads where, and the
 * neighbours on it.
 *
 * <p>Owned by the worker; network news reaches it as commands. {@link #nextHop} answers from a
 * cache of {@value #CACHE_ENTRIES} destinations without allocation; a destination not in it costs a
 * route lookup, and a neighbour never met an object.
 */
public final class Network {
    private static final int CACHE_ENTRIES = 4096;

    private NetworkSnapshot snapshot = NetworkSnapshot.EMPTY;
    private RoutingTable routes = new RoutingTable(List.of());
    private final NeighbourTable neighbours = new NeighbourTable();
    private int[] localAddresses = new int[0];
    private boolean localPrefixes;
    private final int[] cachedDestination = new int[CACHE_ENTRIES];
    private final @Nullable Neighbour[] cachedHop = new Neighbour[CACHE_ENTRIES];

    /** Replaces links, addresses and routes. */
    public void replace(NetworkSnapshot changed) {
        snapshot = changed;
        List<Route> all = new ArrayList<>(changed.routes());
        Set<Integer> local = new HashSet<>();
        for (LinkAddress address : changed.addresses()) {
            if (!address.address().ipv6()) {
                local.add(address.address().v4());
            }
        }
        localPrefixes = false;
        for (Route route : all) {
            if (route.kind() == Route.Kind.LOCAL && !route.destination().ipv6()) {
                if (route.prefixLength() == 32) {
                    local.add(route.destination().v4());
                } else {
                    localPrefixes = true;
                }
            }
        }
        routes = new RoutingTable(all);
        localAddresses = local.stream().mapToInt(Integer::intValue).sorted().toArray();
        Arrays.fill(cachedHop, null);
    }

    /** Takes news of a neighbour; returns it so that packets that wait for it can go. */
    public @Nullable Neighbour update(NeighbourEntry entry) {
        return entry.address().ipv6() ? null : neighbours.update(entry);
    }

    public NetworkSnapshot snapshot() {
        return snapshot;
    }

    public NeighbourTable neighbours() {
        return neighbours;
    }

    /** Whether an address is the host's own. */
    public boolean isLocal(int address) {
        if (Arrays.binarySearch(localAddresses, address) >= 0) {
            return true;
        }
        if (!localPrefixes) {
            return false;
        }
        Route route = routes.lookup(address);
        return route != null && route.kind() == Route.Kind.LOCAL;
    }

    /**
     * The neighbour that a packet for this address goes to; null if no route leads there, or it
     * leads to the host itself.
     */
    public @Nullable Neighbour nextHop(int destination) {
        int at = (destination * 0x9E3779B1) >>> 20;
        Neighbour cached = cachedHop[at];
        if (cached != null && cachedDestination[at] == destination) {
            return cached;
        }
        Neighbour found = findNextHop(destination);
        cachedDestination[at] = destination;
        cachedHop[at] = found;
        return found;
    }

    private @Nullable Neighbour findNextHop(int destination) {
        Route route = routes.lookup(destination);
        if (route == null || route.kind() != Route.Kind.UNICAST) {
            return null;
        }
        IpAddress gateway = route.gateway();
        return neighbours.get(
                route.linkIndex(), gateway == null || gateway.ipv6() ? destination : gateway.v4());
    }

    /**
     * The source address of packets that the host itself sends to a destination: the route's
     * preferred one, or the first address of the outgoing link; 0 if there is none.
     */
    public int sourceFor(int destination) {
        Route route = routes.lookup(destination);
        if (route == null) {
            return 0;
        }
        IpAddress preferred = route.preferredSource();
        if (preferred != null && !preferred.ipv6()) {
            return preferred.v4();
        }
        for (LinkAddress address : snapshot.addresses()) {
            if (address.linkIndex() == route.linkIndex() && !address.address().ipv6()) {
                return address.address().v4();
            }
        }
        return 0;
    }

    /** A link by the kernel's index, or null. */
    public @Nullable Link link(int index) {
        for (Link link : snapshot.links()) {
            if (link.index() == index) {
                return link;
            }
        }
        return null;
    }
}
