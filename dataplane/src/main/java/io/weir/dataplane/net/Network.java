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
    private int seenEvictions;
    private int[] localAddresses = new int[0];
    private int[] ownOrBroadcast = new int[0];
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
        ownOrBroadcast = ownOrBroadcast(local, changed.addresses());
        Arrays.fill(cachedHop, null);
    }

    private static int[] ownOrBroadcast(Set<Integer> own, List<LinkAddress> addresses) {
        Set<Integer> all = new HashSet<>(own);
        for (LinkAddress address : addresses) {
            int length = address.prefixLength();
            if (!address.address().ipv6() && length > 0 && length < 31) {
                all.add(address.address().v4() | -1 >>> length);
            }
        }
        return all.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    /** Takes news of a neighbour; returns it so that packets that wait for it can go. */
    public @Nullable Neighbour update(NeighbourEntry entry) {
        if (entry.address().ipv6()) {
            return null;
        }
        Neighbour updated = neighbours.update(entry);
        forgetEvicted();
        return updated;
    }

    /**
     * Takes what a neighbour said of itself without being asked. One that nobody wanted to reach so
     * far is learned only while the table is less than half full, so that strangers on the link
     * cannot fill it.
     */
    public @Nullable Neighbour heardOf(int linkIndex, int address, long mac, boolean toUs) {
        Neighbour neighbour = neighbours.find(linkIndex, address);
        if (neighbour == null && toUs && neighbours.size() < NeighbourTable.LIMIT / 2) {
            neighbour = neighbours.get(linkIndex, address);
        }
        if (neighbour != null) {
            neighbour.heard(mac);
        }
        return neighbour;
    }

    private void forgetEvicted() {
        if (seenEvictions != neighbours.evictions()) {
            seenEvictions = neighbours.evictions();
            Arrays.fill(cachedHop, null);
        }
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
     * Whether an address is the host's own or the broadcast address of one of its networks, and so
     * no source of a packet that comes in.
     */
    public boolean isOwnOrBroadcast(int address) {
        return Arrays.binarySearch(ownOrBroadcast, address) >= 0
                || (localPrefixes && isLocal(address));
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
        int hop = gateway == null || gateway.ipv6() ? destination : gateway.v4();
        Neighbour found = neighbours.get(route.linkIndex(), hop);
        forgetEvicted();
        return found;
    }

    /**
     * The source address of packets that the host itself sends to a destination: the route's
     * preferred one, or the first address of the outgoing link, or of any; 0 if there is none.
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
        int any = 0;
        List<LinkAddress> addresses = snapshot.addresses();
        for (int i = 0; i < addresses.size(); i++) {
            LinkAddress address = addresses.get(i);
            if (!address.address().ipv6()) {
                if (address.linkIndex() == route.linkIndex()) {
                    return address.address().v4();
                }
                any = any == 0 ? address.address().v4() : any;
            }
        }
        return any;
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
