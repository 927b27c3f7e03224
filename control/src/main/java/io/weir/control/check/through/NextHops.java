package io.weir.control.check.through;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NeighbourResolver;
import io.weir.dataplane.net.NetworkListener;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.net.RoutingTable;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** How real servers are reached on the wire. News come on the thread that watches the network. */
final class NextHops implements NetworkListener {
    private static final int DISCARD_PORT = 9;
    private static final int LIMIT = 1 << 14;

    /** The interface, the neighbour's Ethernet address, and the host's own address that way. */
    record NextHop(int linkIndex, long mac, IpAddress source) {}

    private record Place(int linkIndex, IpAddress address) {}

    private final Runnable news;
    private final Map<Place, NeighbourEntry> neighbours = new ConcurrentHashMap<>();
    private final Map<IpAddress, IpAddress> sources = new ConcurrentHashMap<>();
    private volatile RoutingTable routes = new RoutingTable(List.of());
    private volatile Set<String> linksUp = Set.of();

    /**
     * Knows nothing yet.
     *
     * @param news called when a packet that could not be sent may go now; any thread
     */
    NextHops(Runnable news) {
        this.news = news;
    }

    @Override
    public void networkChanged(NetworkSnapshot network) {
        routes = new RoutingTable(network.routes());
        linksUp =
                network.links().stream()
                        .filter(Link::up)
                        .map(Link::name)
                        .collect(Collectors.toUnmodifiableSet());
        sources.clear();
        news.run();
    }

    @Override
    public void neighbourChanged(NeighbourEntry neighbour) {
        Place place = new Place(neighbour.linkIndex(), neighbour.address());
        if (neighbour.state() == NeighbourEntry.State.GONE) {
            neighbours.remove(place);
        } else if (neighbours.size() < LIMIT || neighbours.containsKey(place)) {
            neighbours.put(place, neighbour);
            news.run();
        }
    }

    /** Tells whether an interface is there and up. */
    boolean isUp(String link) {
        return linksUp.contains(link);
    }

    /** The way to a server; null if there is none, or its neighbour has to be asked for first. */
    @Nullable NextHop find(IpAddress server, NeighbourResolver resolver) throws IOException {
        RoutingTable table = routes;
        Route route =
                server.ipv6()
                        ? table.lookup(server.high(), server.low())
                        : table.lookup(server.v4());
        if (route == null || route.kind() != Route.Kind.UNICAST) {
            return null;
        }
        IpAddress gateway = route.gateway();
        IpAddress neighbour = gateway == null ? server : gateway;
        NeighbourEntry known = neighbours.get(new Place(route.linkIndex(), neighbour));
        if (known == null || known.state() != NeighbourEntry.State.USABLE) {
            resolver.resolve(route.linkIndex(), neighbour);
        }
        if (known == null || known.mac() == 0) {
            return null;
        }
        return new NextHop(route.linkIndex(), known.mac(), source(server));
    }

    // The kernel says it best: it knows of preferred sources, scopes and rules.
    private IpAddress source(IpAddress server) throws IOException {
        IpAddress known = sources.get(server);
        if (known != null) {
            return known;
        }
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.connect(
                    new InetSocketAddress(
                            InetAddress.getByAddress(server.toBytes()), DISCARD_PORT));
            InetSocketAddress own = (InetSocketAddress) channel.getLocalAddress();
            IpAddress source = IpAddress.of(own.getAddress().getAddress());
            sources.put(server, source);
            return source;
        }
    }
}
