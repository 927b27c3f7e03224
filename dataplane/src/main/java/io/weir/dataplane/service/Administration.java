package io.weir.dataplane.service;

import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncDaemonResult;
import io.weir.dataplane.sync.SyncRole;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.Consumer;

/**
 * Everything an operator can do to a running balancer, as the kernel's control interface offers it.
 *
 * <p>May be called from any thread unless the implementation says otherwise; each call takes effect
 * as a whole between two bursts of packets.
 */
public interface Administration {
    RuleResult addService(ServiceId id, ServiceSettings settings);

    RuleResult editService(ServiceId id, ServiceSettings settings);

    RuleResult deleteService(ServiceId id);

    RuleResult addServer(ServiceId service, ServerId id, ServerSettings settings);

    RuleResult editServer(ServiceId service, ServerId id, ServerSettings settings);

    /** Removes a server; its connections stay until their time is up, but nothing uses them. */
    RuleResult deleteServer(ServiceId service, ServerId id);

    /**
     * Lets a server drain: it keeps its connections, but gets none any more, whatever its weight is
     * and whatever persistence remembers. No scheduler keeps a place for it.
     *
     * @param draining false to end that; a server that is deleted and added again drains no more
     */
    RuleResult drainServer(ServiceId service, ServerId id, boolean draining);

    /**
     * Adds a server that drains: as {@link #addServer} and {@link #drainServer}, but nobody meets
     * it before it drains.
     */
    default RuleResult addDrainingServer(ServiceId service, ServerId id, ServerSettings settings) {
        RuleResult result = addServer(service, id, settings);
        return result == RuleResult.DONE ? drainServer(service, id, true) : result;
    }

    /** Removes a server and ends its connections, as after a drain that took too long. */
    RuleResult expelServer(ServiceId service, ServerId id);

    /** Removes every service; connections stay until their time is up, but nothing uses them. */
    void clear();

    /**
     * Sets counters to zero.
     *
     * @param service whose counters; null for all of them, the totals included
     */
    RuleResult zero(@Nullable ServiceId service);

    /** Changes timeouts; a 0 leaves that one as it is. */
    void setTimeouts(Timeouts timeouts);

    Timeouts timeouts();

    /** All services in the kernel's order, which is no particular one. */
    List<ServiceListing> services();

    /** One service, or null. */
    @Nullable ServiceListing service(ServiceId id);

    /**
     * Passes every connection and persistence template to the consumer, on the calling thread,
     * while packets go on; those that come or go meanwhile may be missing.
     */
    void connections(Consumer<ConnectionListing> consumer);

    /** The counters of the whole balancer. */
    CounterSnapshot totals();

    /** Connections that an application gateway follows: those of FTP's port 21 through NAT. */
    int followedConnections();

    /** The number of connections the table holds at most, shown as its size. */
    int connectionCapacity();

    /**
     * Starts a daemon that synchronises connections with another balancer. What it needs of the
     * settings is read now; a later change of sync_ports has no effect on it.
     */
    default SyncDaemonResult startSyncDaemon(SyncDaemon daemon) {
        return SyncDaemonResult.NOT_SUPPORTED;
    }

    /**
     * Gives the settings of connection synchronisation values for two balancers that are both this
     * program, unless they have been set: see {@link PairSettings}. Daemons started afterwards have
     * them.
     */
    default void synchroniseAsPair() {}

    /**
     * Says that another balancer is active. Until a moment after that has ended, TCP packets of
     * connections that are not known here are dropped instead of being left to the host, whose
     * answer would end them.
     */
    default void setStandby(boolean on) {}

    /**
     * Stops the daemon of a role; what it has not sent is lost, unless the setting sync_delay is in
     * force.
     */
    default SyncDaemonResult stopSyncDaemon(SyncRole role) {
        return SyncDaemonResult.NOT_RUNNING;
    }

    /** The daemons that run, the master first. */
    default List<SyncDaemon> syncDaemons() {
        return List.of();
    }
}
