package io.weir.dataplane.director;

import io.weir.dataplane.header.Gre;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkedTraffic;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.TunnelSettings;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the rules say about which packets the balancer takes from the host, at one moment. Any
 * thread derives it; of servers that were removed it sees whether they are still in use.
 */
public final class SteeringSources {
    private final List<ServiceServers> services;
    private final RealServer[] removed;
    private final List<MarkRule> markRules;
    private final List<MasqueradeRule> masqueradeRules;

    SteeringSources(
            List<ServiceServers> services,
            RealServer[] removed,
            List<MarkRule> markRules,
            List<MasqueradeRule> masqueradeRules) {
        this.services = services;
        this.removed = removed;
        this.markRules = markRules;
        this.masqueradeRules = masqueradeRules;
    }

    /** Derives the rules; takes about a microsecond for each server. */
    public SteeringRules rules() {
        if (services.isEmpty()) {
            return SteeringRules.NONE;
        }
        Set<Endpoint> virtual = new HashSet<>();
        Set<Endpoint> replies = new HashSet<>();
        Set<Endpoint> tunnels = new HashSet<>();
        Set<ServiceId> marked = new HashSet<>();
        for (ServiceServers service : services) {
            addVirtual(virtual, marked, service.id());
            for (int i = 0; i < service.size(); i++) {
                addServer(replies, service.get(i));
                addTunnel(tunnels, service.get(i));
            }
        }
        for (RealServer server : removed) {
            if (!server.unused()) {
                addVirtual(virtual, marked, server.service());
                addServer(replies, server);
                addTunnel(tunnels, server);
            }
        }
        return new SteeringRules(
                virtual, replies, tunnels, marked(markRules, marked), masqueradeRules);
    }

    private static MarkedTraffic marked(List<MarkRule> rules, Set<ServiceId> services) {
        if (rules.isEmpty() || services.isEmpty()) {
            return MarkedTraffic.NONE;
        }
        Set<Integer> marks = new HashSet<>();
        Set<Integer> marks6 = new HashSet<>();
        for (ServiceId id : services) {
            (id.address().ipv6() ? marks6 : marks).add(id.mark());
        }
        return new MarkedTraffic(rules, marks, marks6);
    }

    private static void addVirtual(Set<Endpoint> virtual, Set<ServiceId> marked, ServiceId id) {
        if (id.isMark()) {
            marked.add(id);
        } else {
            virtual.add(new Endpoint(id.protocol(), id.address(), id.port()));
        }
    }

    /** Adds where a server's tunnel ends, if it has one. */
    private static void addTunnel(Set<Endpoint> tunnels, RealServer server) {
        if (server.method() != ForwardingMethod.TUNNEL) {
            return;
        }
        TunnelSettings tunnel = server.settings().tunnel();
        int protocol =
                switch (tunnel.type()) {
                    case IPIP ->
                            server.service().address().ipv6()
                                    ? Ipv4.PROTOCOL_IPV6
                                    : Ipv4.PROTOCOL_IPIP;
                    case GRE -> Gre.PROTOCOL;
                    case GUE -> Ipv4.PROTOCOL_UDP;
                };
        tunnels.add(new Endpoint(protocol, server.id().address(), tunnel.port()));
    }

    /** Adds the endpoints that a server's replies come from, if they need translation. */
    private static void addServer(Set<Endpoint> replies, RealServer server) {
        if (server.method() != ForwardingMethod.MASQUERADE) {
            return;
        }
        ServiceId service = server.service();
        if (service.isMark()) {
            replies.add(new Endpoint(ServiceId.TCP, server.id().address(), server.id().port()));
            replies.add(new Endpoint(ServiceId.UDP, server.id().address(), server.id().port()));
            replies.add(new Endpoint(ServiceId.SCTP, server.id().address(), server.id().port()));
        } else {
            replies.add(
                    new Endpoint(service.protocol(), server.id().address(), server.id().port()));
        }
    }
}
