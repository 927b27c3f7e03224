package io.weir.control.warmup;

import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What decides which code a service's packets run through.
 *
 * @param ipv6 the family of the virtual address
 * @param protocol TCP or UDP
 * @param service with its scheduler
 * @param server with its forwarding method
 */
public record TrafficPattern(
        boolean ipv6, int protocol, ServiceSettings service, ServerSettings server) {
    private static final int MOST = 16;

    /** What most balancers do, for one that does not know its services yet. */
    static final List<TrafficPattern> USUAL =
            List.of(
                    usual(false, ServiceId.TCP, ForwardingMethod.MASQUERADE),
                    usual(false, ServiceId.TCP, ForwardingMethod.ROUTE),
                    usual(false, ServiceId.UDP, ForwardingMethod.MASQUERADE),
                    usual(true, ServiceId.TCP, ForwardingMethod.MASQUERADE));

    private static TrafficPattern usual(boolean ipv6, int protocol, ForwardingMethod method) {
        int netmask = ipv6 ? 128 : ServiceSettings.WHOLE_ADDRESS;
        ServiceSettings service = new ServiceSettings("wlc", 0, 0, netmask, false, null);
        return new TrafficPattern(ipv6, protocol, service, ServerSettings.of(method, 1));
    }

    /** The different patterns of services, {@value #MOST} at most, the usual ones for none. */
    public static List<TrafficPattern> of(List<ServiceListing> services) {
        Set<TrafficPattern> patterns = new LinkedHashSet<>();
        for (ServiceListing service : services) {
            for (ServerListing server : service.servers()) {
                add(patterns, service.id(), service.settings(), server.settings());
            }
        }
        return patterns.isEmpty() ? USUAL : new ArrayList<>(patterns);
    }

    /** The same for services that are to come. */
    public static List<TrafficPattern> ofConfigured(List<ServiceConfig> services) {
        Set<TrafficPattern> patterns = new LinkedHashSet<>();
        for (ServiceConfig service : services) {
            for (ServerConfig server : service.servers()) {
                add(patterns, service.id(), service.settings(), server.settings());
            }
        }
        return patterns.isEmpty() ? USUAL : new ArrayList<>(patterns);
    }

    private static void add(
            Set<TrafficPattern> patterns,
            ServiceId id,
            ServiceSettings service,
            ServerSettings server) {
        IpAddress address = id.address();
        int protocol = id.isMark() ? ServiceId.TCP : id.protocol();
        if (patterns.size() < MOST && (protocol == ServiceId.TCP || protocol == ServiceId.UDP)) {
            ServerSettings one =
                    new ServerSettings(
                            server.method(), 1, /* upperThreshold= */ 0, 0, server.tunnel());
            patterns.add(new TrafficPattern(address.ipv6(), protocol, service, one));
        }
    }
}
