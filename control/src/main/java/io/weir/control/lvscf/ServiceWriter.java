package io.weir.control.lvscf;

import io.weir.control.config.FailureAction;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.LocalServiceConfig;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.control.config.SorryServerConfig;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.TunnelSettings;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes services as virtual and failover blocks. */
final class ServiceWriter {
    private ServiceWriter() {}

    /**
     * Writes a virtual block.
     *
     * @param floating the virtual address on its interface, null if it is written elsewhere
     */
    static void write(ServiceConfig service, @Nullable FloatingAddress floating, Lines lines) {
        ServiceId id = service.id();
        ServiceSettings settings = service.settings();
        lines.flag("active", true);
        address(id.address(), floating, lines);
        boolean udp = settings.onePacket() || settings.persistenceEngine() != null;
        if (id.isMark()) {
            lines.set("fwmark", Integer.toUnsignedString(id.mark()));
            lines.set("protocol", udp ? "udp" : "tcp");
        } else {
            lines.set("port", id.port());
            lines.set("protocol", protocol(id.protocol()));
        }
        lines.set("scheduler", settings.scheduler());
        if (settings.schedulerFlags() != 0) {
            lines.set("scheduler_flags", flags(settings.schedulerFlags()));
        }
        if (settings.persistent()) {
            lines.set("persistent", settings.persistentSeconds());
            mask(settings.netmask(), id.address().ipv6(), lines);
        }
        if (settings.persistenceEngine() != null) {
            lines.set("persistence_engine", settings.persistenceEngine());
        }
        if (settings.onePacket()) {
            lines.flag("one_packet", true);
        }
        lines.unless(1, "quorum", service.quorum());
        SorryServerConfig sorry = service.sorryServer();
        if (sorry != null) {
            lines.set("sorry_server", sorry.id().address());
            lines.set("sorry_port", sorry.id().port());
            lines.set("sorry_network", network(sorry.settings().method()));
        }
        for (ServerConfig server : service.servers()) {
            lines.block(BlockKind.SERVER, "server", server.name(), inner -> write(server, inner));
        }
    }

    private static void address(IpAddress vip, @Nullable FloatingAddress floating, Lines lines) {
        if (floating == null) {
            lines.set("address", vip);
        } else {
            lines.set("address", List.of(vip.toString(), place(floating)));
            lines.set("vip_nmask", floating.prefixLength());
        }
    }

    static String place(FloatingAddress floating) {
        String label = floating.label();
        return label == null ? floating.device() : label;
    }

    private static String protocol(int protocol) {
        return switch (protocol) {
            case ServiceId.TCP -> "tcp";
            case ServiceId.UDP -> "udp";
            default -> "sctp";
        };
    }

    private static String flags(int flags) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            if ((flags & 1 << i) != 0) {
                names.add("flag-" + (i + 1));
            }
        }
        return String.join(",", names);
    }

    private static void mask(int netmask, boolean ipv6, Lines lines) {
        if (ipv6) {
            lines.unless(128, "pmask", netmask);
        } else if (netmask != ServiceSettings.WHOLE_ADDRESS) {
            lines.set("pmask", IpAddress.v4(netmask));
        }
    }

    static String network(ForwardingMethod method) {
        return switch (method) {
            case MASQUERADE -> "nat";
            case TUNNEL -> "tunnel";
            case ROUTE, LOCAL, BYPASS -> "direct";
        };
    }

    private static void write(ServerConfig server, Lines lines) {
        ServerSettings settings = server.settings();
        lines.flag("active", true);
        lines.set("address", server.id().address());
        lines.set("port", server.id().port());
        lines.set("weight", settings.weight());
        lines.set("network", network(settings.method()));
        lines.unless(0, "upper_threshold", settings.upperThreshold());
        lines.unless(0, "lower_threshold", settings.lowerThreshold());
        if (settings.method() == ForwardingMethod.TUNNEL) {
            tunnel(settings.tunnel(), lines);
        }
        if (server.onFailure() == FailureAction.QUIESCE) {
            lines.flag("quiesce_server", true);
        }
        if (server.slowStart()) {
            lines.flag("slow_start", true);
        }
        if (server.drain() != null) {
            lines.set("drain", server.drain());
        }
        CheckWriter.write(server.checks(), lines);
        if (server.load() != null) {
            CheckWriter.write(server.load(), lines);
        }
    }

    private static void tunnel(TunnelSettings tunnel, Lines lines) {
        lines.set("tunnel_type", tunnel.type().name().toLowerCase(Locale.ROOT));
        lines.unless(0, "tunnel_port", tunnel.port());
        lines.set("tunnel_checksum", tunnel.checksum().name().toLowerCase(Locale.ROOT));
    }

    /**
     * Writes a failover block.
     *
     * @param instance the virtual router with which the address moves, null if there is only one
     */
    static void write(
            LocalServiceConfig service,
            FloatingAddress floating,
            @Nullable String instance,
            Lines lines) {
        lines.flag("active", true);
        address(service.address(), floating, lines);
        lines.set("port", service.port());
        lines.command("start_cmd", service.start());
        lines.command("stop_cmd", service.stop());
        if (instance != null) {
            lines.set("vrrp", instance);
        }
        CheckWriter.write(service.checks(), lines);
    }
}
