package io.weir.control.lvscf;

import io.weir.control.config.Configuration;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.HeartbeatConfig;
import io.weir.control.config.LocalServiceConfig;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.control.ipvsadm.RuleLines;
import io.weir.control.mark.MarkText;
import io.weir.control.masquerade.MasqueradeText;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What would run with an lvs.cf, in words and numbers. Each component is for people and, as JSON,
 * for programs.
 *
 * @param file as the operator wrote it
 * @param valid without mistakes
 * @param mistakes one line each; everything below is empty if there are some
 * @param notes what works but may not be what is wanted
 * @param serial counts the changes of the file
 * @param role what this host would be
 * @param routers how the two routers find out which of them is active
 * @param addresses those of the active router
 * @param services the virtual services
 * @param localServices what runs on the active router itself
 * @param marks as {@code weir mark} shows them
 * @param masquerade as {@code weir masquerade} shows them
 */
public record LvsCfReport(
        String file,
        boolean valid,
        List<String> mistakes,
        List<String> notes,
        int serial,
        String role,
        List<String> routers,
        List<String> addresses,
        List<Service> services,
        List<String> localServices,
        List<String> marks,
        List<String> masquerade) {
    /**
     * A virtual service.
     *
     * @param rule as ipvsadm-save writes it
     */
    public record Service(String name, String rule, List<Server> servers) {}

    /**
     * A real server.
     *
     * @param rule as ipvsadm-save writes it
     * @param checks empty for a server that is always in service
     */
    public record Server(String name, String rule, List<String> checks) {}

    /** The report on a file that cannot be had. */
    public static LvsCfReport of(String file, LvsCfException refused) {
        return new LvsCfReport(
                file,
                false,
                refused.messages(),
                List.of(),
                0,
                "",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    /**
     * The report on a file that has been read.
     *
     * @param host the addresses and interfaces of this host
     */
    public static LvsCfReport of(String file, LvsCf.Reading reading, HostInterfaces host) {
        Configuration configuration = reading.configuration();
        List<String> notes = new ArrayList<>(reading.notes());
        String role = role(configuration, host.addresses());
        if (isRouter(configuration, host.addresses())) {
            notes.addAll(HostNotes.of(file, configuration, host.devices()));
        }
        return new LvsCfReport(
                file,
                true,
                List.of(),
                notes,
                configuration.serial(),
                role,
                routers(configuration),
                addresses(configuration),
                configuration.services().stream().map(LvsCfReport::service).toList(),
                configuration.localServices().stream().map(LvsCfReport::local).toList(),
                configuration.marks().stream().map(MarkText::line).toList(),
                configuration.masquerade().stream().map(MasqueradeText::line).toList());
    }

    private static boolean isRouter(Configuration configuration, Set<IpAddress> own) {
        HeartbeatConfig pair = configuration.heartbeat();
        if (pair == null || pair.backup() == null) {
            return true;
        }
        return holds(own, pair.primary()) || holds(own, pair.backup());
    }

    private static boolean holds(Set<IpAddress> own, @Nullable IpAddress address) {
        return address != null && own.contains(address);
    }

    private static String role(Configuration configuration, Set<IpAddress> own) {
        HeartbeatConfig pair = configuration.heartbeat();
        if (pair == null) {
            return configuration.vrrp().isEmpty()
                    ? "this host would balance; it moves no addresses"
                    : "this host would take part in "
                            + configuration.vrrp().size()
                            + " virtual routers";
        }
        IpAddress backup = pair.backup();
        if (holds(own, pair.primary())) {
            return "this host has " + pair.primary() + " and would be the primary router";
        }
        if (backup == null) {
            return "this host does not have "
                    + pair.primary()
                    + " (primary); as the only router it would be active all the same";
        }
        if (holds(own, backup)) {
            return "this host has " + backup + " and would be the backup router";
        }
        return "this host has neither "
                + pair.primary()
                + " (primary) nor "
                + backup
                + " (backup); it is none of the two routers";
    }

    private static List<String> routers(Configuration configuration) {
        List<String> lines = new ArrayList<>();
        HeartbeatConfig pair = configuration.heartbeat();
        if (pair != null) {
            lines.add(pair(pair));
        }
        for (VrrpInstanceConfig vrrp : configuration.vrrp()) {
            lines.add(
                    "vrrp "
                            + vrrp.name()
                            + ": version "
                            + vrrp.version()
                            + ", id "
                            + vrrp.routerId()
                            + " on "
                            + vrrp.device()
                            + ", priority "
                            + vrrp.priority()
                            + ", advertises every "
                            + LvsCfText.seconds(vrrp.interval())
                            + " s "
                            + (vrrp.peers().isEmpty() ? "by multicast" : "to " + vrrp.peers()));
        }
        configuration
                .syncGroups()
                .forEach(group -> lines.add("together: " + String.join(", ", group.instances())));
        var sync = configuration.connectionSync();
        if (sync != null) {
            lines.add("connections are told on " + sync.device() + ", sync id " + sync.syncId());
        }
        return lines;
    }

    private static String pair(HeartbeatConfig pair) {
        if (pair.backup() == null) {
            return "a single router, " + pair.primary();
        }
        boolean second = !pair.primary().equals(pair.primaryPrivate());
        return "primary "
                + pair.primary()
                + ", backup "
                + pair.backup()
                + (second
                        ? ", second path " + pair.primaryPrivate() + " and " + pair.backupPrivate()
                        : "")
                + "; heartbeats on UDP port "
                + pair.port()
                + " every "
                + LvsCfText.seconds(pair.keepalive())
                + " s, dead after "
                + LvsCfText.seconds(pair.deadtime())
                + " s"
                + (pair.key() == null ? "" : ", authenticated")
                + (pair.monitorLinks() ? ", links monitored" : "")
                + (pair.failback() ? ", the primary takes over again" : "");
    }

    private static List<String> addresses(Configuration configuration) {
        List<String> lines = new ArrayList<>();
        HeartbeatConfig pair = configuration.heartbeat();
        if (pair != null) {
            pair.addresses().forEach(address -> lines.add(address(address)));
        }
        for (VrrpInstanceConfig vrrp : configuration.vrrp()) {
            vrrp.addresses().forEach(each -> lines.add(address(each) + " with " + vrrp.name()));
            vrrp.unlisted().forEach(each -> lines.add(address(each) + " with " + vrrp.name()));
        }
        return lines;
    }

    private static String address(FloatingAddress address) {
        String label = address.label();
        return address.address()
                + "/"
                + address.prefixLength()
                + " on "
                + address.device()
                + (label == null ? "" : " as " + label);
    }

    private static Service service(ServiceConfig service) {
        List<Server> servers = new ArrayList<>();
        for (ServerConfig server : service.servers()) {
            List<String> checks = new ArrayList<>();
            server.checks().forEach(check -> checks.add(CheckText.line(check)));
            var load = server.load();
            if (load != null) {
                checks.add(CheckText.line(load));
            }
            servers.add(
                    new Server(
                            server.name(),
                            RuleLines.server(service.id(), server.id(), server.settings()),
                            checks));
        }
        var sorry = service.sorryServer();
        if (sorry != null) {
            servers.add(
                    new Server(
                            "sorry server",
                            RuleLines.server(service.id(), sorry.id(), sorry.settings()),
                            List.of("while fewer than " + service.quorum() + " are in service")));
        }
        return new Service(
                service.name(), RuleLines.service(service.id(), service.settings()), servers);
    }

    private static String local(LocalServiceConfig service) {
        return service.name()
                + " at "
                + CheckText.endpoint(service.address(), service.port())
                + ", started by \""
                + String.join(" ", service.start())
                + "\", stopped by \""
                + String.join(" ", service.stop())
                + "\"";
    }
}
