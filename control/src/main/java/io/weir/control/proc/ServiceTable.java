package io.weir.control.proc;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;

import java.io.IOException;
import java.util.List;

/** The text of ip_vs. */
final class ServiceTable {
    /**
     * The kernel shows the persistence timeout in its own ticks; the recorded one has 100 of them a
     * second, as every kernel has for programs.
     */
    private static final long TICKS_PER_SECOND = 100;

    private final Appendable out;
    private final StringBuilder line = new StringBuilder();

    ServiceTable(Appendable out) {
        this.out = out;
    }

    /**
     * Writes services and servers: those with an address first, as the kernel keeps marks apart.
     *
     * @param size what the first line says of the connection table
     */
    void write(List<ServiceListing> services, String size) throws IOException {
        out.append("IP Virtual Server version 1.2.1 (size=").append(size).append(")\n");
        out.append("Prot LocalAddress:Port Scheduler Flags\n");
        out.append("  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n");
        for (ServiceListing service : services) {
            if (!service.id().isMark()) {
                write(service);
            }
        }
        for (ServiceListing service : services) {
            if (service.id().isMark()) {
                write(service);
            }
        }
    }

    private void write(ServiceListing service) throws IOException {
        line.setLength(0);
        name(service.id(), service.settings());
        persistence(service.settings(), service.id().address().ipv6());
        out.append(line.append('\n'));
        for (ServerListing server : service.servers()) {
            line.setLength(0);
            write(server);
            out.append(line.append('\n'));
        }
    }

    // One-packet scheduling is not shown for IPv6, and a mark has a blank less behind its
    // scheduler than an address.
    private void name(ServiceId id, ServiceSettings settings) {
        String ops = settings.onePacket() ? "ops " : "";
        if (id.isMark()) {
            Fields.word(line.append("FWM  "), id.mark()).append(' ');
            line.append(settings.scheduler()).append(' ').append(ops);
            return;
        }
        line.append(Fields.protocol(id.protocol())).append("  ");
        boolean ipv6 = id.address().ipv6();
        endpoint(id.address(), id.port());
        line.append(' ').append(settings.scheduler()).append(' ');
        line.append(ipv6 ? "" : ops + " ");
    }

    private void persistence(ServiceSettings settings, boolean ipv6) {
        if (settings.persistent()) {
            line.append("persistent ").append(settings.persistentSeconds() * TICKS_PER_SECOND);
            // A prefix length lies in the kernel as an IPv4 mask does, and is turned round like it.
            int mask = settings.netmask();
            Fields.word(line.append(' '), ipv6 ? Integer.reverseBytes(mask) : mask);
        }
    }

    private void write(ServerListing server) {
        line.append("  -> ");
        endpoint(server.id().address(), server.id().port());
        Fields.left(line.append("      "), server.settings().method().label(), 7);
        Fields.left(line.append(' '), server.settings().weight(), 6);
        Fields.left(line.append(' '), server.active(), 10);
        Fields.left(line.append(' '), server.inactive(), 10);
    }

    private void endpoint(IpAddress address, int port) {
        boolean ipv6 = address.ipv6();
        Fields.address(line.append(ipv6 ? "[" : ""), address).append(ipv6 ? "]:" : ":");
        Fields.port(line, port);
    }
}
