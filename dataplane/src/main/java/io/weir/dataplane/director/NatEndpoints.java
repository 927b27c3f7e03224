package io.weir.dataplane.director;

import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceId;

/**
 * The endpoints of real servers reached by NAT, with the number of servers that have each, so that
 * a change of rules costs the same whatever their number is. Owned by the worker.
 */
final class NatEndpoints {
    /** What a service of a mark may get packets of. */
    private static final int[] MARKED = {ServiceId.TCP, ServiceId.UDP, ServiceId.SCTP};

    private final EndpointIndex<Servers> index = new EndpointIndex<>();

    /** How many servers have an endpoint. */
    private static final class Servers {
        int count;
    }

    /** A server has come into a service, or its method is another one now. */
    void add(RealServer server) {
        change(server, 1);
    }

    /** A server leaves its service, or is about to get another method. */
    void remove(RealServer server) {
        change(server, -1);
    }

    private void change(RealServer server, int by) {
        if (server.method() != ForwardingMethod.MASQUERADE) {
            return;
        }
        ServiceId service = server.service();
        if (service.isMark()) {
            for (int protocol : MARKED) {
                change(server, protocol, by);
            }
        } else {
            change(server, service.protocol(), by);
        }
    }

    private void change(RealServer server, int protocol, int by) {
        IpAddress address = server.id().address();
        long rest = EndpointIndex.rest(address.ipv6(), protocol, server.id().port());
        Servers servers = index.get(address.high(), address.low(), rest);
        if (servers == null) {
            servers = new Servers();
            index.put(address.high(), address.low(), rest, servers);
        }
        servers.count += by;
        if (servers.count <= 0) {
            index.remove(address.high(), address.low(), rest);
        }
    }

    /** Whether a packet comes from one of them. */
    boolean sent(Endpoints packet) {
        boolean ipv6 = packet.ipv6();
        long high = ipv6 ? packet.sourceHigh() : 0;
        long low = ipv6 ? packet.sourceLow() : packet.source() & 0xffffffffL;
        long rest = EndpointIndex.rest(ipv6, packet.protocol(), packet.sourcePort());
        return index.get(high, low, rest) != null;
    }
}
