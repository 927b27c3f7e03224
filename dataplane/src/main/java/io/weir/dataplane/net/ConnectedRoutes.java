package io.weir.dataplane.net;

import java.util.ArrayList;
import java.util.List;

/** The routes that follow from addresses alone, where no kernel lists them. */
public final class ConnectedRoutes {
    private ConnectedRoutes() {}

    /** One on-link route for the network of each address; none for a host prefix. */
    public static List<Route> of(List<LinkAddress> addresses) {
        List<Route> routes = new ArrayList<>();
        for (LinkAddress address : addresses) {
            int length = address.prefixLength();
            if (length < (address.address().ipv6() ? 128 : 32)) {
                routes.add(
                        new Route(
                                network(address.address(), length),
                                length,
                                null,
                                address.linkIndex(),
                                0,
                                Route.Kind.UNICAST,
                                address.address()));
            }
        }
        return routes;
    }

    /** The first {@code length} bits of an address, the others zero. */
    public static IpAddress network(IpAddress address, int length) {
        if (!address.ipv6()) {
            return IpAddress.v4(length == 0 ? 0 : address.v4() & (-1 << (32 - length)));
        }
        long high = length == 0 ? 0 : address.high() & (-1L << Math.max(0, 64 - length));
        long low = length <= 64 ? 0 : address.low() & (-1L << (128 - length));
        return IpAddress.v6(high, low);
    }
}
