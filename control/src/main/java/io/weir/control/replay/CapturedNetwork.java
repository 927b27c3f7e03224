package io.weir.control.replay;

import io.weir.control.replay.SeenFrame.Source;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Guesses the network around a balancer from what arrived there and from its rules.
 *
 * <p>The virtual addresses are its own. Its Ethernet address on a link is the one that frames for a
 * virtual address or from a real server were sent to. Packets go back to where their source
 * addresses were seen; a real server never seen gets an Ethernet address made of its IP address,
 * and everything else goes where most clients came from.
 */
final class CapturedNetwork {
    /** Those beyond are reached as everything else is. */
    private static final int MAX_SOURCES = 1 << 15;

    private static final int ETHERNET_MTU = 1500;

    /** Locally administered (IEEE 802), followed by a link's number or the end of an IP address. */
    private static final long MADE_UP = 0x0200_0000_0000L;

    private final Set<IpAddress> virtuals = new TreeSet<>();
    private final Set<IpAddress> servers = new TreeSet<>();
    private final Map<String, Side> sides = new LinkedHashMap<>();
    private final Map<IpAddress, Source> sources = new LinkedHashMap<>();
    private final List<Link> links = new ArrayList<>();
    private final List<LinkAddress> addresses = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private final List<NeighbourEntry> neighbours = new ArrayList<>();
    private int mtu = ETHERNET_MTU;

    /** What was seen on one link: Ethernet destinations, by what makes them the balancer's. */
    private static final class Side {
        private final Map<Long, Integer> toVirtual = new LinkedHashMap<>();
        private final Map<Long, Integer> fromServer = new LinkedHashMap<>();
        private final Map<Long, Integer> any = new LinkedHashMap<>();

        long mac(int index) {
            for (Map<Long, Integer> votes : List.of(toVirtual, fromServer, any)) {
                Long most = most(votes);
                if (most != null) {
                    return most;
                }
            }
            return MADE_UP + index;
        }
    }

    /** Prepares for captures on some links, in their order. */
    CapturedNetwork(List<String> linkNames, List<ServiceListing> services) {
        linkNames.forEach(name -> sides.putIfAbsent(name, new Side()));
        for (ServiceListing service : services) {
            if (!service.id().isMark()) {
                virtuals.add(service.id().address());
            }
            for (ServerListing server : service.servers()) {
                servers.add(server.id().address());
            }
        }
    }

    /** Takes in a frame that was captured on a link. */
    void learn(String link, byte[] bytes) {
        SeenFrame frame = SeenFrame.of(bytes);
        Side side = sides.get(link);
        if (frame == null || side == null) {
            return;
        }
        mtu = Math.max(mtu, bytes.length - SeenFrame.ETHERNET_HEADER);
        if (!frame.broadcast()) {
            side.any.merge(frame.destinationMac(), 1, Integer::sum);
            if (virtuals.contains(frame.destination())) {
                side.toVirtual.merge(frame.destinationMac(), 1, Integer::sum);
            }
            if (servers.contains(frame.source())) {
                side.fromServer.merge(frame.destinationMac(), 1, Integer::sum);
            }
        }
        if (sources.size() < MAX_SOURCES && !virtuals.contains(frame.source())) {
            sources.putIfAbsent(frame.source(), new Source(link, frame.sourceMac()));
        }
    }

    /** The network, once all frames have been taken in. */
    Topology topology() {
        Map<String, Integer> indexes = new LinkedHashMap<>();
        for (Map.Entry<String, Side> side : sides.entrySet()) {
            int index = links.size() + 1;
            indexes.put(side.getKey(), index);
            links.add(new Link(index, side.getKey(), side.getValue().mac(index), mtu, true, true));
        }
        String front = front();
        int frontIndex = indexes.getOrDefault(front, 1);
        for (IpAddress virtual : virtuals) {
            addresses.add(new LinkAddress(virtual, virtual.ipv6() ? 128 : 32, frontIndex));
        }
        sources.values()
                .removeIf(source -> links.stream().anyMatch(link -> link.mac() == source.mac()));
        for (Map.Entry<IpAddress, Source> source : sources.entrySet()) {
            reach(
                    source.getKey(),
                    indexes.getOrDefault(source.getValue().link(), 1),
                    source.getValue().mac());
        }
        int back = indexes.getOrDefault(back(front), frontIndex);
        for (IpAddress server : servers) {
            if (!sources.containsKey(server)) {
                reach(server, back, MADE_UP + (server.low() & 0xffff_ffffL));
            }
        }
        for (IpAddress anywhere : List.of(IpAddress.v4(0), IpAddress.v6(0, 0))) {
            IpAddress gateway = gateway(front, anywhere.ipv6());
            if (gateway != null) {
                routes.add(route(anywhere, 0, gateway, frontIndex));
            }
        }
        return new Topology(
                new NetworkSnapshot(links, addresses, routes),
                List.copyOf(neighbours),
                MarkTable.EMPTY,
                Map.of(),
                true);
    }

    private void reach(IpAddress address, int link, long mac) {
        routes.add(route(address, address.ipv6() ? 128 : 32, null, link));
        neighbours.add(new NeighbourEntry(link, address, NeighbourEntry.State.USABLE, mac));
    }

    private static Route route(
            IpAddress destination, int length, @Nullable IpAddress gateway, int link) {
        return new Route(destination, length, gateway, link, 0, Route.Kind.UNICAST, null);
    }

    /** The link on which most packets for virtual addresses came. */
    private String front() {
        Map<String, Integer> packets = new LinkedHashMap<>();
        sides.forEach(
                (name, side) ->
                        packets.put(name, side.toVirtual.values().stream().mapToInt(n -> n).sum()));
        return String.valueOf(most(packets));
    }

    /** Where unseen real servers are: with those that were seen, or else not in front. */
    private String back(String front) {
        Map<String, Integer> seen = new LinkedHashMap<>();
        for (IpAddress server : servers) {
            Source source = sources.get(server);
            if (source != null) {
                seen.merge(source.link(), 1, Integer::sum);
            }
        }
        String most = most(seen);
        if (most != null) {
            return most;
        }
        return sides.keySet().stream()
                .filter(name -> !name.equals(front))
                .findFirst()
                .orElse(front);
    }

    /** A client behind the Ethernet address in front that most clients were behind. */
    private @Nullable IpAddress gateway(String front, boolean ipv6) {
        Map<Long, Integer> clients = new LinkedHashMap<>();
        Map<Long, IpAddress> first = new LinkedHashMap<>();
        sources.forEach(
                (address, source) -> {
                    if (source.link().equals(front)
                            && address.ipv6() == ipv6
                            && !servers.contains(address)) {
                        clients.merge(source.mac(), 1, Integer::sum);
                        first.putIfAbsent(source.mac(), address);
                    }
                });
        Long router = most(clients);
        return router == null ? null : first.get(router);
    }

    private static <T> @Nullable T most(Map<T, Integer> votes) {
        T best = null;
        int most = -1;
        for (Map.Entry<T, Integer> vote : votes.entrySet()) {
            if (vote.getValue() > most) {
                most = vote.getValue();
                best = vote.getKey();
            }
        }
        return best;
    }
}
