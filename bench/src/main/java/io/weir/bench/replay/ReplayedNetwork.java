package io.weir.bench.replay;

import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.net.RoutedNetwork;
import io.weir.dataplane.worker.Pipeline;

import java.util.ArrayList;
import java.util.List;

/**
 * The networks on both sides of a replay.
 *
 * <pre>
 * clients -- router 10.1.0.254 -- cli 10.1.0.1, virtual 10.1.0.100 | srv 10.2.0.1 -- servers 10.2.0.11-.110
 * </pre>
 */
final class ReplayedNetwork {
    static final int CLIENT_LINK = 1;
    static final int SERVER_LINK = 2;
    static final int VIRTUAL_ADDRESS = 0x0a01_0064;
    static final int FIRST_SERVER = 0x0a02_000b;

    /** As many as the published measurements of Katran have. */
    static final int SERVERS = 100;

    /** The port of the first service, and of its servers unless they are reached by NAT. */
    static final int VIRTUAL_PORT = 80;

    /** The servers' port behind NAT, so that NAT has a port to translate. */
    static final int NAT_PORT = 8080;

    private static final long MAC = 0x0200_0000_0000L;
    private static final int MTU = 1500;

    private ReplayedNetwork() {}

    /** The balancer's own Ethernet address on a link. */
    static long mac(int linkIndex) {
        return MAC | linkIndex;
    }

    /** The Ethernet address of the neighbour whose IPv4 address ends in {@code host}. */
    static long neighbourMac(int linkIndex, int host) {
        return MAC | (long) linkIndex << 8 | host;
    }

    /** Attaches both ports to a worker and tells it of the networks and of all neighbours. */
    static void attach(Pipeline pipeline, PacketPort clients, PacketPort servers) {
        Link clientLink = link(CLIENT_LINK, "cli");
        Link serverLink = link(SERVER_LINK, "srv");
        pipeline.ports().add(new LinkPort(clients, clientLink));
        pipeline.ports().add(new LinkPort(servers, serverLink));
        List<LinkAddress> addresses =
                List.of(
                        LinkAddress.parse("10.1.0.1/24", CLIENT_LINK),
                        LinkAddress.parse("10.1.0.100/32", CLIENT_LINK),
                        LinkAddress.parse("10.2.0.1/24", SERVER_LINK));
        List<Route> routes = new ArrayList<>(ConnectedRoutes.of(addresses));
        routes.add(
                new Route(
                        IpAddress.v4(0),
                        0,
                        IpAddress.v4(0x0a01_00fe),
                        CLIENT_LINK,
                        0,
                        Route.Kind.UNICAST,
                        null));
        pipeline.networkChanged(
                new RoutedNetwork(
                        new NetworkSnapshot(List.of(clientLink, serverLink), addresses, routes)));
        neighbour(pipeline, CLIENT_LINK, 0x0a01_00fe);
        for (int i = 0; i < SERVERS; i++) {
            neighbour(pipeline, SERVER_LINK, FIRST_SERVER + i);
        }
    }

    private static Link link(int index, String name) {
        return new Link(index, name, mac(index), MTU, true, true);
    }

    private static void neighbour(Pipeline pipeline, int linkIndex, int address) {
        pipeline.neighbourChanged(
                new NeighbourEntry(
                        linkIndex,
                        IpAddress.v4(address),
                        NeighbourEntry.State.USABLE,
                        neighbourMac(linkIndex, address & 0xff)));
    }
}
