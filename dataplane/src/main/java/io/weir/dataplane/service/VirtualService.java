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
    private RealServer[] draining = NONE;
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

    /**
     * The servers that may be scheduled, the newest first: a server added goes to the head
     * (BEHAVIOUR.md, "Order"). One that drains is not among them, so that no scheduler keeps a
     * place for it.
     */
    public RealServer[] servers() {
        return servers;
    }

    /** The servers that keep their connections but get no more. */
    public RealServer[] draining() {
        return draining;
    }

    /** Those of {@link #servers} and those of {@link #draining}. */
    public List<RealServer> allServers() {
        List<RealServer> all = new ArrayList<>(List.of(servers));
        all.addAll(List.of(draining));
        return all;
    }

    public @Nullable RealServer server(ServerId serverId) {
        RealServer scheduled = find(servers, serverId);
        return scheduled != null ? scheduled : find(draining, serverId);
    }

    private static @Nullable RealServer find(RealServer[] among, ServerId serverId) {
        for (RealServer server : among) {
            if (server.id().equals(serverId)) {
                return server;
            }
        }
        return null;
    }

    /** Puts a server at the head of the list and tells the scheduler. */
    public void add(RealServer server) {
        servers = headed(server, servers);
        scheduler.serverAdded(this, server);
    }

    private static RealServer[] headed(RealServer head, RealServer[] rest) {
        RealServer[] more = new RealServer[rest.length + 1];
        more[0] = head;
        System.arraycopy(rest, 0, more, 1, rest.length);
        return more;
    }

    /** Takes a server out of the list and tells the scheduler. */
    public void remove(RealServer server) {
        if (server.draining()) {
            draining = without(draining, server);
        } else {
            servers = without(servers, server);
            scheduler.serverRemoved(this, server);
        }
    }

    private static RealServer[] without(RealServer[] all, RealServer server) {
        List<RealServer> rest = new ArrayList<>(List.of(all));
        rest.remove(server);
        return rest.toArray(NONE);
    }

    /** Hides a server from the scheduler, or puts it at the head of the list again. */
    public void drain(RealServer server, boolean on) {
        if (on == server.draining()) {
            return;
        }
        remove(server);
        server.setDraining(on);
        if (on) {
            draining = headed(server, draining);
        } else {
            add(server);
        }
    }

    public TrafficCounters counters() {
        return counters;
    }
}
