package io.weir.dataplane.net;

import java.util.List;

/**
 * Links, addresses and routes at one instant; neighbours change too often and are told one by one.
 */
public record NetworkSnapshot(List<Link> links, List<LinkAddress> addresses, List<Route> routes) {
    public static final NetworkSnapshot EMPTY =
            new NetworkSnapshot(List.of(), List.of(), List.of());

    public NetworkSnapshot {
        links = List.copyOf(links);
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }
}
