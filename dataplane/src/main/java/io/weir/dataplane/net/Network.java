package io.weir.dataplane.net;

import io.weir.dataplane.flow.Endpoints;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;

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
    private RoutingTable routes;
    private OwnAddresses own;
    private final WayChanges changes = new WayChanges();
    private final NeighbourTable neighbours = new NeighbourTable(changes);
    private int seenEvictions;
    private final int[] cachedDestination = new int[CACHE_ENTRIES];
    private final @Nullable Neighbour[] cachedHop = new Neighbour[CACHE_ENTRIES];
    private final @Nullable Neighbour[] commonHop = new Neighbour[256];
    private final boolean[] commonKnown = new boolean[256];
    private final long[] cachedHigh = new long[CACHE_ENTRIES];
    private final long[] cachedLow = new long[CACHE_ENTRIES];
    private final @Nullable Neighbour[] cachedWideHop = new Neighbour[CACHE_ENTRIES];

    /** Knows nothing yet. */
    public Network() {
        RoutedNetwork nothing = new RoutedNetwork(NetworkSnapshot.EMPTY);
        routes = nothing.routes();
        own = nothing.own();
    }

    /** Replaces links, addresses and routes. */
    public void replace(RoutedNetwork changed) {
        snapshot = changed.snapshot();
        routes = changed.routes();
        own = changed.own();
        forgetHops();
    }

    private void forgetHops() {
        changes.note();
        Arrays.fill(cachedHop, null);
        Arrays.fill(commonHop, null);
        Arrays.fill(commonKnown, false);
        Arrays.fill(cachedWideHop, null);
    }

    /** Takes news of a neighbour; returns it so that packets that wait for it can go. */
    public @Nullable Neighbour update(NeighbourEntry entry) {
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

    /** The same for an IPv6 neighbour. */
    public @Nullable Neighbour heardOf(int linkIndex, long high, long low, long mac, boolean toUs) {
        Neighbour neighbour = neighbours.find(linkIndex, high, low);
        if (neighbour == null && toUs && neighbours.size() < NeighbourTable.LIMIT / 2) {
            neighbour = neighbours.get(linkIndex, high, low);
        }
        if (neighbour != null) {
            neighbour.heard(mac);
        }
        return neighbour;
    }

    private void forgetEvicted() {
        if (seenEvictions != neighbours.evictions()) {
            seenEvictions = neighbours.evictions();
            forgetHops();
        }
    }

    /** Where changes of ways out are counted, those of routes and neighbours by this itself. */
    public WayChanges wayChanges() {
        return changes;
    }

    public NetworkSnapshot snapshot() {
        return snapshot;
    }

    public NeighbourTable neighbours() {
        return neighbours;
    }

    /** Whether an address is the host's own. */
    public boolean isLocal(int address) {
        return own.contains(address, routes);
    }

    /** Whether an IPv6 address is the host's own. */
    public boolean isLocal(long high, long low) {
        return own.contains(high, low, routes);
    }

    /** Whether nobody else may send a packet from this source. */
    public boolean isSourceOwnOrBroadcast(Endpoints packet) {
        return packet.ipv6()
                ? isLocal(packet.sourceHigh(), packet.sourceLow())
                : isOwnOrBroadcast(packet.source());
    }

    /** Whether a router has nowhere to send a packet on to: it is for the host, or everybody. */
    public boolean isDestinationUnroutable(Endpoints packet) {
        return packet.ipv6()
                ? isLocal(packet.destinationHigh(), packet.destinationLow())
                        || linkLocal(packet.destinationHigh())
                        || linkLocal(packet.sourceHigh())
                : isOwnOrBroadcast(packet.destination());
    }

    /** Whether a packet is for the host itself. */
    public boolean isDestinationLocal(Endpoints packet) {
        return packet.ipv6()
                ? isLocal(packet.destinationHigh(), packet.destinationLow())
                : isLocal(packet.destination());
    }

    /** Whether {@link #isOwnOrBroadcast} may say yes: quick, and always right when it denies. */
    public boolean mayBeOwnOrBroadcast(int address) {
        return own.mayContainOrBroadcast(address);
    }

    /**
     * Whether an address is the host's own or the broadcast address of one of its networks, and so
     * no source of a packet that comes in.
     */
    public boolean isOwnOrBroadcast(int address) {
        return own.containsOrBroadcast(address, routes);
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

    /**
     * The neighbour that packets go to for each address that begins with the same byte; null if
     * they do not all go to the same, or to none.
     */
    public @Nullable Neighbour commonNextHop(int destination) {
        int first = destination >>> 24;
        if (!commonKnown[first]) {
            commonHop[first] = findCommonNextHop(first << 24);
            commonKnown[first] = true;
        }
        return commonHop[first];
    }

    private @Nullable Neighbour findCommonNextHop(int network) {
        return own.mayContainWithin(network, Byte.SIZE) || routes.divides(network, Byte.SIZE)
                ? null
                : gatewayOf(routes.lookup(network));
    }

    private @Nullable Neighbour gatewayOf(@Nullable Route route) {
        IpAddress gateway = route == null ? null : route.gateway();
        if (route == null || gateway == null || route.kind() != Route.Kind.UNICAST) {
            return null;
        }
        Neighbour found = gateway(route.linkIndex(), gateway);
        forgetEvicted();
        return found;
    }

    /** The same for an IPv6 address. */
    public @Nullable Neighbour nextHop(long high, long low) {
        long mixed = (low ^ high * 0xC2B2AE3D27D4EB4FL) * 0x9E3779B97F4A7C15L;
        int at = (int) (mixed >>> 52);
        Neighbour cached = cachedWideHop[at];
        if (cached != null && cachedHigh[at] == high && cachedLow[at] == low) {
            return cached;
        }
        Neighbour found = findNextHop(high, low);
        cachedHigh[at] = high;
        cachedLow[at] = low;
        cachedWideHop[at] = found;
        return found;
    }

    private @Nullable Neighbour findNextHop(long high, long low) {
        Route route = routes.lookup(high, low);
        if (route == null || route.kind() != Route.Kind.UNICAST || isLocal(high, low)) {
            return null;
        }
        IpAddress gateway = route.gateway();
        Neighbour found =
                gateway == null
                        ? neighbours.get(route.linkIndex(), high, low)
                        : gateway(route.linkIndex(), gateway);
        forgetEvicted();
        return found;
    }

    private @Nullable Neighbour findNextHop(int destination) {
        Route route = routes.lookup(destination);
        if (route == null || route.kind() != Route.Kind.UNICAST || isLocal(destination)) {
            return null;
        }
        IpAddress gateway = route.gateway();
        Neighbour found =
                gateway == null
                        ? neighbours.get(route.linkIndex(), destination)
                        : gateway(route.linkIndex(), gateway);
        forgetEvicted();
        return found;
    }

    // Of either family: IPv4 packets go to IPv6 gateways, too (RFC 8950).
    private @Nullable Neighbour gateway(int linkIndex, IpAddress gateway) {
        return gateway.ipv6()
                ? neighbours.get(linkIndex, gateway.high(), gateway.low())
                : neighbours.get(linkIndex, gateway.v4());
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

    /**
     * The source address of IPv6 packets that the host itself sends: the route's preferred one, or
     * by RFC 6724 section 5 a link-local one only towards link-local addresses (rule 2), none that
     * is deprecated while there is another (rule 3), one of the outgoing link (rule 5), the longest
     * prefix in common (rule 8); null if there is none.
     */
    public @Nullable IpAddress sourceFor(long high, long low) {
        Route route = routes.lookup(high, low);
        if (route == null) {
            return null;
        }
        IpAddress preferred = route.preferredSource();
        if (preferred != null && preferred.ipv6()) {
            return preferred;
        }
        IpAddress best = null;
        int bestRank = -1;
        List<LinkAddress> addresses = snapshot.addresses();
        for (int i = 0; i < addresses.size(); i++) {
            LinkAddress candidate = addresses.get(i);
            int rank = rank(candidate, route.linkIndex(), high, low);
            if (rank > bestRank) {
                best = candidate.address();
                bestRank = rank;
            }
        }
        return best;
    }

    private static int rank(LinkAddress candidate, int link, long high, long low) {
        IpAddress address = candidate.address();
        if (!address.ipv6() || linkLocal(address.high()) != linkLocal(high) || loopback(address)) {
            return -1;
        }
        int common = Long.numberOfLeadingZeros(address.high() ^ high);
        if (common == 64) {
            common += Long.numberOfLeadingZeros(address.low() ^ low);
        }
        return common
                + (candidate.linkIndex() == link ? 1000 : 0)
                + (candidate.deprecated() ? 0 : 2000);
    }

    // ::1 is good inside the host alone (RFC 4291 section 2.5.3).
    private static boolean loopback(IpAddress address) {
        return address.high() == 0 && address.low() == 1;
    }

    /** Tells whether an IPv6 address is good on its link alone (fe80::/10). */
    public static boolean linkLocal(long high) {
        return high >>> 54 == 0xfe80 >>> 6;
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
