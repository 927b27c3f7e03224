package io.weir.dataplane.io;

import io.weir.dataplane.mark.MarkedTraffic;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.net.IpAddress;

import java.util.List;
import java.util.Set;

/**
 * Which arriving packets are the balancer's and therefore not the host's.
 *
 * @param virtualEndpoints packets to these are taken: virtual services, and deleted ones with
 *     connections left
 * @param serverEndpoints packets from these are taken: real servers reached by NAT, whose replies
 *     need translation
 * @param tunnelEndpoints ICMP errors about the host's own packets to these are taken: real servers
 *     reached by tunnels
 * @param marked packets to an address of the host that get a mark with a service are taken
 * @param masqueraded packets that these rules match are taken unless they are for the host
 */
public record SteeringRules(
        Set<Endpoint> virtualEndpoints,
        Set<Endpoint> serverEndpoints,
        Set<Endpoint> tunnelEndpoints,
        MarkedTraffic marked,
        List<MasqueradeRule> masqueraded) {
    public static final SteeringRules NONE = new SteeringRules(Set.of(), Set.of());

    public SteeringRules {
        virtualEndpoints = Set.copyOf(virtualEndpoints);
        serverEndpoints = Set.copyOf(serverEndpoints);
        tunnelEndpoints = Set.copyOf(tunnelEndpoints);
        masqueraded = List.copyOf(masqueraded);
    }

    /** Rules without masquerading. */
    public SteeringRules(
            Set<Endpoint> virtualEndpoints,
            Set<Endpoint> serverEndpoints,
            Set<Endpoint> tunnelEndpoints,
            MarkedTraffic marked) {
        this(virtualEndpoints, serverEndpoints, tunnelEndpoints, marked, List.of());
    }

    /** Rules without tunnels. */
    public SteeringRules(
            Set<Endpoint> virtualEndpoints, Set<Endpoint> serverEndpoints, MarkedTraffic marked) {
        this(virtualEndpoints, serverEndpoints, Set.of(), marked);
    }

    /** Rules without tunnels and firewall marks. */
    public SteeringRules(Set<Endpoint> virtualEndpoints, Set<Endpoint> serverEndpoints) {
        this(virtualEndpoints, serverEndpoints, MarkedTraffic.NONE);
    }

    /**
     * One side of a conversation.
     *
     * @param protocol IP protocol number: 6, 17 or 132; of a tunnel 4, 41 and 47, too
     * @param address its address
     * @param port its port; 0 for every port, and for what has none
     */
    public record Endpoint(int protocol, IpAddress address, int port) {}
}
