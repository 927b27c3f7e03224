package io.weir.dataplane.director;

import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;

import java.util.HashSet;
import java.util.Set;

/**
 * The endpoints of real servers reached by NAT, in an index. It is made anew when it is next asked,
 * not with each change: a restore of ten thousand rules would spend its time on it. Owned by the
 * worker.
 */
final class NatEndpoints {
    private final ServiceTable services;
    private EndpointIndex<Endpoint> index = new EndpointIndex<>(0);
    private boolean stale;

    NatEndpoints(ServiceTable services) {
        this.services = services;
    }

    /** Servers came, went or changed their forwarding method. */
    void changed() {
        stale = true;
    }

    private void rebuild() {
        Set<Endpoint> endpoints = new HashSet<>();
        for (VirtualService service : services.all()) {
            for (RealServer server : service.allServers()) {
                Steering.addServer(endpoints, server);
            }
        }
        index = new EndpointIndex<>(endpoints.size());
        for (Endpoint endpoint : endpoints) {
            IpAddress address = endpoint.address();
            long rest = EndpointIndex.rest(address.ipv6(), endpoint.protocol(), endpoint.port());
            index.put(address.high(), address.low(), rest, endpoint);
        }
    }

    /** Whether a packet comes from one of them. */
    boolean sent(Endpoints packet) {
        if (stale) {
            stale = false;
            rebuild();
        }
        boolean ipv6 = packet.ipv6();
        long high = ipv6 ? packet.sourceHigh() : 0;
        long low = ipv6 ? packet.sourceLow() : packet.source() & 0xffffffffL;
        long rest = EndpointIndex.rest(ipv6, packet.protocol(), packet.sourcePort());
        return index.get(high, low, rest) != null;
    }
}
