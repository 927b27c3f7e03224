package io.weir.dataplane.net.netlink;

import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.sys.SystemCallException;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Reads whole tables from the kernel. Used by one thread at a time. */
final class NetworkReader {
    /** A table that changes all the time is taken as it is, and read again with the next news. */
    private static final int ATTEMPTS = 3;

    private static final int[] FAMILIES = {RouteMessages.AF_INET, RouteMessages.AF_INET6};

    private final NetlinkSocket socket;

    NetworkReader(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Links alone. */
    List<Link> links() throws SystemCallException {
        List<Link> links = new ArrayList<>();
        readLinks(links);
        return links;
    }

    /** Addresses alone. */
    List<LinkAddress> addresses() throws SystemCallException {
        List<LinkAddress> addresses = new ArrayList<>();
        for (int family : FAMILIES) {
            readAddresses(family, addresses);
        }
        return addresses;
    }

    /** Links, addresses and routes. */
    NetworkSnapshot snapshot() throws SystemCallException {
        List<Link> links = new ArrayList<>();
        List<LinkAddress> addresses = new ArrayList<>();
        List<Route> routes = new ArrayList<>();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            links.clear();
            addresses.clear();
            routes.clear();
            if (read(links, addresses, routes)) {
                break;
            }
        }
        return new NetworkSnapshot(links, addresses, routes);
    }

    private boolean read(List<Link> links, List<LinkAddress> addresses, List<Route> routes)
            throws SystemCallException {
        boolean consistent = readLinks(links);
        for (int family : FAMILIES) {
            consistent &= readAddresses(family, addresses);
            consistent &=
                    socket.dump(
                            RouteMessages.GET_ROUTE,
                            family,
                            message -> RouteMessages.routes(message.body(), routes));
        }
        return consistent;
    }

    private boolean readLinks(List<Link> links) throws SystemCallException {
        return socket.dump(
                RouteMessages.GET_LINK,
                0,
                message -> {
                    Link link = RouteMessages.link(message.body());
                    if (link != null) {
                        links.add(link);
                    }
                });
    }

    private boolean readAddresses(int family, List<LinkAddress> addresses)
            throws SystemCallException {
        return socket.dump(
                RouteMessages.GET_ADDRESS,
                family,
                message -> {
                    LinkAddress address = RouteMessages.address(message.body());
                    if (address != null) {
                        addresses.add(address);
                    }
                });
    }

    /** All neighbours. */
    void neighbours(Consumer<RouteMessages.Neighbour> to) throws SystemCallException {
        for (int family : FAMILIES) {
            socket.dump(
                    RouteMessages.GET_NEIGHBOUR,
                    family,
                    message -> {
                        RouteMessages.Neighbour neighbour =
                                RouteMessages.neighbour(message.type(), message.body());
                        if (neighbour != null) {
                            to.accept(neighbour);
                        }
                    });
        }
    }
}
