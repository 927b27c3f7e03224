package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Prints services with their servers. */
final class ServicePrinter {
    private static final int SERVICE_WIDTH = 33;
    private static final int SERVER_WIDTH = 28;

    private final ListingFormat format;
    private final EndpointText endpoints;
    private final boolean exact;
    private final boolean sorted;

    ServicePrinter(Set<Option> options, Names names) {
        format = ListingFormat.of(options);
        endpoints = EndpointText.of(names, options.contains(Option.NUMERIC));
        exact = options.contains(Option.EXACT);
        sorted = !options.contains(Option.NOSORT);
    }

    /**
     * Prints every service.
     *
     * @param size of the connection table
     */
    void printAll(List<ServiceListing> services, int size, Appendable out) throws IOException {
        out.append("IP Virtual Server version 1.2.1 (size=" + size + ")\n");
        out.append(format.header());
        for (ServiceListing service : sorted ? ListingOrder.services(services) : services) {
            print(service, out);
        }
    }

    void printOne(ServiceListing service, Appendable out) throws IOException {
        out.append(format.header());
        print(service, out);
    }

    private void print(ServiceListing service, Appendable out) throws IOException {
        StringBuilder line = new StringBuilder();
        name(line, service.id());
        if (format.hasCounters()) {
            Columns.left(line, "", SERVICE_WIDTH - line.length());
            format.counters(line, service.counters(), exact);
        } else {
            settings(line.append(' '), service);
        }
        out.append(line.append('\n'));
        List<ServerListing> servers = service.servers();
        for (ServerListing server : sorted ? ListingOrder.servers(servers) : servers) {
            line.setLength(0);
            ServiceId id = service.id();
            String text = endpoint(server.id().address(), server.id().port(), id.protocol());
            Columns.left(line.append("  -> "), text, SERVER_WIDTH);
            format.server(line, server, exact);
            out.append(line.append('\n'));
        }
    }

    private void name(StringBuilder line, ServiceId id) {
        if (id.isMark()) {
            // ipvsadm prints a mark above 2^31 as a negative number.
            line.append("FWM  ").append(id.mark()).append(id.address().ipv6() ? " IPv6" : "");
            return;
        }
        Columns.left(line, Protocols.name(id.protocol()), 4).append(' ');
        line.append(endpoint(id.address(), id.port(), id.protocol()));
    }

    // ipvsadm cuts long names, but not those of IPv6 hosts.
    private String endpoint(IpAddress address, int port, int protocol) {
        String text = endpoints.text(address, port, protocol);
        return address.ipv6() || text.length() <= SERVER_WIDTH
                ? text
                : text.substring(0, SERVER_WIDTH);
    }

    private static void settings(StringBuilder line, ServiceListing service) {
        ServiceSettings settings = service.settings();
        line.append(settings.scheduler());
        if (settings.schedulerFlags() != 0) {
            String flags = SchedulerFlags.shown(settings.schedulerFlags(), settings.scheduler());
            line.append(" (").append(flags).append(')');
        }
        if (settings.persistent()) {
            line.append(" persistent ").append(settings.persistentSeconds());
            boolean ipv6 = service.id().address().ipv6();
            if (!coversAddress(settings.netmask(), ipv6)) {
                line.append(" mask ").append(maskText(settings.netmask(), ipv6));
            }
            if (settings.persistenceEngine() != null) {
                line.append(" pe ").append(settings.persistenceEngine());
            }
        }
        if (settings.onePacket()) {
            line.append(" ops");
        }
    }

    /** Tells whether a persistence mask is the one that a service has by default. */
    static boolean coversAddress(int netmask, boolean ipv6) {
        return netmask == (ipv6 ? 128 : ServiceSettings.WHOLE_ADDRESS);
    }

    static String maskText(int netmask, boolean ipv6) {
        return ipv6 ? Integer.toString(netmask) : IpAddress.v4(netmask).toString();
    }
}
