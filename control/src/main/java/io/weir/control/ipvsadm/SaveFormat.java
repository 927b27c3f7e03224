package io.weir.control.ipvsadm;

import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.TunnelSettings;

import java.io.IOException;
import java.util.List;

/**
 * Writes rules as the command lines that make them.
 *
 * <p>Departures from ipvsadm 1.31, without which a restore would not bring back what was saved:
 * thresholds and a third flag of sh and mh are written, and a mark above 2^31 is not written as a
 * negative number.
 */
final class SaveFormat {
    private final EndpointText endpoints;

    SaveFormat(Names names, boolean numeric) {
        endpoints = EndpointText.of(names, numeric);
    }

    void write(List<ServiceListing> services, Appendable out) throws IOException {
        for (ServiceListing service : ListingOrder.services(services)) {
            out.append(service(service.id(), service.settings())).append('\n');
            for (ServerListing server : ListingOrder.servers(service.servers())) {
                out.append(server(service.id(), server.id(), server.settings())).append('\n');
            }
        }
    }

    String service(ServiceId id, ServiceSettings settings) {
        StringBuilder line = new StringBuilder("-A ").append(name(id));
        settings(line, settings, id.address().ipv6());
        return line.toString();
    }

    String server(ServiceId service, ServerId id, ServerSettings settings) {
        StringBuilder line = new StringBuilder("-a ").append(name(service)).append(" -r ");
        endpoints.append(line, id.address(), id.port(), service.protocol());
        settings(line, settings);
        return line.toString();
    }

    private String name(ServiceId id) {
        if (id.isMark()) {
            String mark = "-f " + Integer.toUnsignedString(id.mark());
            return id.address().ipv6() ? mark + " -6" : mark;
        }
        String option =
                switch (id.protocol()) {
                    case ServiceId.TCP -> "-t ";
                    case ServiceId.UDP -> "-u ";
                    default -> "--sctp-service ";
                };
        return option + endpoints.text(id.address(), id.port(), id.protocol());
    }

    private static void settings(StringBuilder line, ServiceSettings settings, boolean ipv6) {
        line.append(" -s ").append(settings.scheduler());
        if (settings.persistent()) {
            line.append(" -p ").append(settings.persistentSeconds());
            if (!ServicePrinter.coversAddress(settings.netmask(), ipv6)) {
                line.append(" -M ").append(ServicePrinter.maskText(settings.netmask(), ipv6));
            }
        }
        if (settings.persistenceEngine() != null) {
            line.append(" --pe ").append(settings.persistenceEngine());
        }
        if (settings.onePacket()) {
            line.append(" -o");
        }
        if (settings.schedulerFlags() != 0) {
            String flags = SchedulerFlags.complete(settings.schedulerFlags(), settings.scheduler());
            line.append(" -b ").append(flags);
        }
    }

    private static void settings(StringBuilder line, ServerSettings settings) {
        line.append(' ').append(settings.method().option());
        line.append(" -w ").append(settings.weight());
        if (settings.upperThreshold() != 0) {
            line.append(" -x ").append(settings.upperThreshold());
        }
        if (settings.lowerThreshold() != 0) {
            line.append(" -y ").append(settings.lowerThreshold());
        }
        if (settings.method().option().equals("-i")) {
            tunnel(line, settings.tunnel());
        }
    }

    private static void tunnel(StringBuilder line, TunnelSettings tunnel) {
        line.append(" --tun-type ").append(ServerArguments.label(tunnel.type()));
        if (tunnel.type() == TunnelSettings.Type.IPIP) {
            return;
        }
        if (tunnel.type() == TunnelSettings.Type.GUE) {
            line.append(" --tun-port ").append(tunnel.port());
        }
        line.append(
                switch (tunnel.checksum()) {
                    case NONE -> " --tun-nocsum";
                    case FULL -> " --tun-csum";
                    case REMOTE -> " --tun-remcsum";
                });
    }
}
