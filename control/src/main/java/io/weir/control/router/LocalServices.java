package io.weir.control.router;

import io.weir.control.check.Health;
import io.weir.control.check.MonitoredServer;
import io.weir.control.check.ServerKey;
import io.weir.control.config.LocalServiceConfig;
import io.weir.control.event.ProgramQueue;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Services of the routers themselves: they run on the active one alone. Owned by the router's
 * thread.
 *
 * <p>Piranha's fos has the standby router look at them from outside. Here the active one looks at
 * its own, at the address that clients use, and gives the role away when one that has answered does
 * so no more: the partner's heartbeat is what notices that all of this router is dead.
 */
final class LocalServices {
    private final ProgramQueue programs;
    private final Map<ServerKey, Health> known = new HashMap<>();
    private List<LocalServiceConfig> services = List.of();
    private boolean active;
    private boolean stopped;

    LocalServices(ProgramQueue programs) {
        this.programs = programs;
    }

    /**
     * Takes other services, and the role: those that are new start on an active router and are
     * stopped on another, as at the start; those that are gone are stopped.
     *
     * @return whether other checks are to be made now
     */
    boolean settle(List<LocalServiceConfig> wanted, boolean nowActive) {
        boolean same = wanted.equals(services) && nowActive == active && stopped;
        if (same) {
            return false;
        }
        boolean any = !services.isEmpty() || !wanted.isEmpty();
        for (LocalServiceConfig service : services) {
            if (!wanted.contains(service)) {
                stop(service);
            }
        }
        for (LocalServiceConfig service : wanted) {
            boolean isNew = !services.contains(service) || !stopped;
            if (isNew || nowActive != active) {
                // Also before a start: what an earlier process has left is not ours to trust.
                stop(service);
                if (nowActive) {
                    programs.run(service.start(), "the start of " + service.name());
                }
            }
        }
        services = wanted;
        active = nowActive;
        stopped = true;
        known.clear();
        return any;
    }

    private void stop(LocalServiceConfig service) {
        programs.run(service.stop(), "the stop of " + service.name());
    }

    /** What checks are to be made: on an active router those of its services. */
    List<MonitoredServer> monitored() {
        List<MonitoredServer> monitored = new ArrayList<>();
        for (LocalServiceConfig service : active ? services : List.<LocalServiceConfig>of()) {
            monitored.add(
                    new MonitoredServer(
                            key(service), ForwardingMethod.LOCAL, service.checks(), null));
        }
        return monitored;
    }

    private static ServerKey key(LocalServiceConfig service) {
        return new ServerKey(
                ServiceId.of(ServiceId.TCP, service.address(), service.port()),
                new ServerId(service.address(), service.port()));
    }

    /**
     * Takes news of a check.
     *
     * @return the name of the service that has answered and does so no more; empty otherwise
     */
    String hear(ServerKey server, Health health) {
        for (LocalServiceConfig service : services) {
            if (active && key(service).equals(server) && health != Health.UNKNOWN) {
                Health before = known.put(server, health);
                return before == Health.UP && health == Health.DOWN ? service.name() : "";
            }
        }
        return "";
    }

    /** Stops all that run, because the router ends. */
    void end() {
        if (active) {
            services.forEach(this::stop);
        }
        active = false;
    }
}
