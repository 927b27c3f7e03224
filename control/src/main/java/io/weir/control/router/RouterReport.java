package io.weir.control.router;

import io.weir.control.check.ServerHealth;
import io.weir.control.config.Configuration;
import io.weir.control.failover.Failover;
import io.weir.control.failover.Role;
import io.weir.control.keeper.ServiceReport;
import io.weir.dataplane.sync.SyncDaemon;

import java.util.List;

/**
 * How a router stands.
 *
 * @param maintenance the operator keeps the active role away from it
 * @param instances the state of each instance of a failover protocol
 * @param health what the checks know
 * @param syncTrouble why connections are not synchronised although they should be; empty if they
 *     are
 */
public record RouterReport(
        Configuration configuration,
        Role role,
        boolean maintenance,
        List<Failover.Status> instances,
        List<ServiceReport> services,
        List<ServerHealth> health,
        List<SyncDaemon> syncDaemons,
        String syncTrouble) {
    public RouterReport {
        instances = List.copyOf(instances);
        services = List.copyOf(services);
        health = List.copyOf(health);
        syncDaemons = List.copyOf(syncDaemons);
    }
}
