package io.weir.dataplane.service;

import io.weir.dataplane.spi.PersistenceEngine;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * A virtual service: its settings, its scheduler and its real servers in scheduling order.
 *
 * <p>Owned by the worker. The array of {@link #servers} is replaced on each change, never modified,
 * so a scheduler may keep positions in it only across {@link Scheduler}'s change notices.
 */
public final class VirtualService {
    private static final RealServer[] NONE = {};

    private final ServiceId id;
    private ServiceSettings settings;
    private Scheduler scheduler;
    private @Nullable PersistenceEngine persistenceEngine;
    private RealServer[] servers = NONE;
    private final TrafficCounters counters = new TrafficCounters();

    public VirtualService(ServiceId id, ServiceSettings settings, Scheduler scheduler) {
        this.id = id;
        this.settings = settings;
        this.scheduler = scheduler;
    }

    public ServiceId id() {
        return id;
    }

    public ServiceSettings settings() {
        return settings;
    }

    public Scheduler scheduler() {
        return scheduler;
    }

    /** Takes new settings; connections and servers stay. */
    public void configure(ServiceSettings changed, Scheduler newScheduler) {
        settings = changed;
        scheduler = newScheduler;
    }

    /** The engine that recognises its clients, null for none. */
    public @Nullable PersistenceEngine persistenceEngine() {
        return persistenceEngine;
    }

    public void setPersistenceEngine(@Nullable PersistenceEngine engine) {
        persistenceEngine = engine;
    }

    /** The servers, the newest first: a server added goes to the head (BEHAVIOUR.md, "Order"). */
    public RealServer[] servers() {
        return servers;
    }

    public @Nullable RealServer server(ServerId serverId) {
        for (RealServer server : servers) {
            if (server.id().equals(serverId)) {
                return server;
            }
        }
        return null;
    }

    /** Puts a server at the head of the list and tells the scheduler. */
    public void add(RealServer server) {
        RealServer[] more = new RealServer[servers.length + 1];
        more[0] = server;
        System.arraycopy(servers, 0, more, 1, servers.length);
        servers = more;
        scheduler.serverAdded(this, server);
    }

    /** Takes a server out of the list and tells the scheduler. */
    public void remove(RealServer server) {
        List<RealServer> rest = new ArrayList<>(List.of(servers));
        rest.remove(server);
        servers = rest.toArray(NONE);
        scheduler.serverRemoved(this, server);
    }

    public TrafficCounters counters() {
        return counters;
    }

    public ServiceListing listing() {
        List<ServerListing> listed = new ArrayList<>(servers.length);
        for (RealServer server : servers) {
            listed.add(server.listing());
        }
        return new ServiceListing(id, settings, counters.snapshot(), listed);
    }
}
