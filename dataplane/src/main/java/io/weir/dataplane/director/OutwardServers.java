package io.weir.dataplane.director;

import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.PersistenceEngine;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * The real servers whose own datagrams begin connections: those reached by NAT of services whose
 * persistence engine says so. A service for a mark or for all ports has no endpoint to translate
 * to. Made anew when it is next asked after a change of such a service. Owned by the worker.
 */
public final class OutwardServers {
    private final ServiceTable services;
    private EndpointIndex<RealServer> index = new EndpointIndex<>();
    private int size;
    private boolean stale;

    OutwardServers(ServiceTable services) {
        this.services = services;
    }

    /** A service with this engine came, went or changed, or a server of it. */
    void changed(@Nullable PersistenceEngine engine) {
        stale |= engine != null && engine.opensOutward();
    }

    private void rebuild() {
        List<RealServer> found = new ArrayList<>();
        for (VirtualService service : services.all()) {
            PersistenceEngine engine = service.persistenceEngine();
            if (engine == null || !engine.opensOutward() || service.id().port() == 0) {
                continue;
            }
            for (RealServer server : service.servers()) {
                if (server.method() == ForwardingMethod.MASQUERADE && server.id().port() != 0) {
                    found.add(server);
                }
            }
        }
        size = found.size();
        index = new EndpointIndex<>();
        for (RealServer server : found) {
            IpAddress address = server.id().address();
            int protocol = server.service().protocol();
            long rest = EndpointIndex.rest(address.ipv6(), protocol, server.id().port());
            index.put(address.high(), address.low(), rest, server);
        }
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        if (stale) {
            stale = false;
            rebuild();
        }
        return size == 0;
    }

    /** The server among them that sent a packet, or null. */
    @Nullable RealServer sender(Endpoints packet) {
        if (isEmpty() || packet.protocol() != ServiceId.UDP) {
            return null;
        }
        boolean ipv6 = packet.ipv6();
        long high = ipv6 ? packet.sourceHigh() : 0;
        long low = ipv6 ? packet.sourceLow() : packet.source() & 0xffffffffL;
        long rest = EndpointIndex.rest(ipv6, packet.protocol(), packet.sourcePort());
        return index.get(high, low, rest);
    }
}
