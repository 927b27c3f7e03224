package io.weir.control.api;

import io.weir.control.check.ServerHealth;
import io.weir.control.check.ServerKey;
import io.weir.control.config.Configuration;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.control.failover.Failover;
import io.weir.control.failover.Role;
import io.weir.control.keeper.ServiceReport;
import io.weir.control.lvscf.HostInterfaces;
import io.weir.control.router.ConfiguredRouter;
import io.weir.control.router.RouterRefusal;
import io.weir.control.router.RouterReport;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.sync.SyncDaemon;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A router that runs by a configuration, as the API shows it.
 *
 * @param file the configuration
 * @param serial its serial number
 * @param since when it was taken, ISO 8601
 * @param role active, standby or fault: of all instances together
 * @param maintenance the operator keeps the active role away
 * @param addresses the floating addresses, which an active router has
 * @param syncDaemons how connections are synchronised
 * @param warnings what is not as it should be
 */
record RouterDocument(
        String file,
        int serial,
        String since,
        String role,
        boolean maintenance,
        List<Instance> instances,
        List<String> addresses,
        List<String> syncDaemons,
        List<RouterServiceDocument> services,
        List<String> warnings) {
    /** A partner unheard for so long is worth a warning. */
    private static final long SILENCE_MILLIS = 60_000;

    /**
     * An instance of a failover protocol.
     *
     * @param partner the address that was heard last, empty if none was
     * @param heardMillis how long ago, -1 if never
     */
    record Instance(String name, String role, String partner, long heardMillis, String detail) {
        static Instance of(Failover.Status status) {
            return new Instance(
                    status.instance(),
                    word(status.role()),
                    status.partner(),
                    status.partnerAgeMillis(),
                    status.detail());
        }
    }

    private static String word(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Looks at a router.
     *
     * @param table the balancer's table, for the connections
     * @throws RouterRefusal if the router ends just now
     */
    static RouterDocument of(ConfiguredRouter router, List<ServiceListing> table)
            throws RouterRefusal {
        RouterReport report = router.router().report();
        Configuration configuration = report.configuration();
        Map<ServerKey, ServerListing> listed = new HashMap<>();
        for (ServiceListing service : table) {
            for (ServerListing server : service.servers()) {
                listed.put(new ServerKey(service.id(), server.id()), server);
            }
        }
        Map<ServerKey, ServerHealth> health = new HashMap<>();
        report.health().forEach(known -> health.put(known.key(), known));
        List<RouterServiceDocument> services =
                report.services().stream()
                        .map(service -> RouterServiceDocument.of(service, listed, health))
                        .toList();
        return new RouterDocument(
                router.file().toString(),
                configuration.serial(),
                router.loaded().since().toString(),
                word(report.role()),
                report.maintenance(),
                report.instances().stream().map(Instance::of).toList(),
                floating(configuration).stream().map(RouterDocument::text).toList(),
                report.syncDaemons().stream().map(RouterDocument::text).toList(),
                services,
                warnings(report));
    }

    private static List<FloatingAddress> floating(Configuration configuration) {
        List<FloatingAddress> addresses = new ArrayList<>();
        if (configuration.heartbeat() != null) {
            addresses.addAll(configuration.heartbeat().addresses());
        }
        for (VrrpInstanceConfig instance : configuration.vrrp()) {
            addresses.addAll(instance.addresses());
            addresses.addAll(instance.unlisted());
        }
        return addresses;
    }

    // Not a mistake: it may come later, and its addresses are put on then.
    private static List<String> missing(Configuration configuration, Set<String> devices) {
        return floating(configuration).stream()
                .filter(address -> !devices.contains(address.device()))
                .map(
                        address ->
                                "there is no interface "
                                        + address.device()
                                        + " for "
                                        + address.address()
                                        + "/"
                                        + address.prefixLength())
                .toList();
    }

    private static String text(FloatingAddress address) {
        String label = address.label() == null ? address.device() : address.label();
        return address.address() + "/" + address.prefixLength() + " on " + label;
    }

    private static String text(SyncDaemon daemon) {
        return daemon.role().word()
                + " on "
                + daemon.interfaceName()
                + ", id "
                + daemon.syncId()
                + ", group "
                + daemon.group()
                + ", port "
                + daemon.port();
    }

    private static List<String> warnings(RouterReport report) {
        Set<String> devices = HostInterfaces.ofThisHost().devices();
        List<String> warnings = new ArrayList<>(missing(report.configuration(), devices));
        for (Failover.Status status : report.instances()) {
            if (!status.isAlone() && status.partnerAgeMillis() < 0) {
                warnings.add(status.instance() + ": the partner has never been heard");
            } else if (status.partnerAgeMillis() > SILENCE_MILLIS) {
                warnings.add(status.instance() + ": the partner is silent");
            }
        }
        if (!report.syncTrouble().isEmpty()) {
            warnings.add("connections are not synchronised: " + report.syncTrouble());
        }
        for (ServiceReport service : report.services()) {
            switch (service.state()) {
                case DOWN -> warnings.add("service " + service.name() + " has no server");
                case SORRY -> warnings.add("service " + service.name() + " has its sorry server");
                case DEGRADED -> warnings.add("service " + service.name() + " has too few servers");
                case UP, UNKNOWN -> {}
            }
        }
        return warnings;
    }

    /** The same for a terminal. */
    String text(Instant now) {
        StringBuilder text = new StringBuilder();
        text.append("configuration ").append(file).append(", serial number ").append(serial);
        text.append(", for ").append(span(since, now)).append('\n');
        text.append("role ").append(role).append(maintenance ? ", maintenance\n" : "\n");
        for (Instance instance : instances) {
            text.append("  ").append(instance.name).append(": ").append(instance.role);
            if (!instance.partner.isEmpty()) {
                text.append(", partner ").append(instance.partner);
                text.append(" heard ").append(instance.heardMillis).append(" ms ago");
            }
            text.append(instance.detail.isEmpty() ? "" : ", " + instance.detail).append('\n');
        }
        for (String address : addresses) {
            text.append("address ").append(address);
            text.append(role.equals("active") ? "\n" : " (the active router has it)\n");
        }
        syncDaemons.forEach(daemon -> text.append("synchronises as ").append(daemon).append('\n'));
        warnings.forEach(warning -> text.append("WARNING ").append(warning).append('\n'));
        services.forEach(service -> service.addTo(text, now));
        return text.toString();
    }

    /** How long something has been so. */
    static String span(String since, Instant now) {
        long seconds = Math.max(0, Duration.between(Instant.parse(since), now).toSeconds());
        if (seconds < 120) {
            return seconds + " s";
        }
        if (seconds < 7200) {
            return seconds / 60 + " min";
        }
        return seconds < 172800 ? seconds / 3600 + " h" : seconds / 86400 + " days";
    }
}
