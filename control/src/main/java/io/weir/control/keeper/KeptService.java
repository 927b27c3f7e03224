package io.weir.control.keeper;

import io.weir.control.config.FailureAction;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.control.config.SorryServerConfig;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A virtual service with its servers. */
final class KeptService {
    private static final String SORRY_NAME = "sorry server";

    private ServiceConfig config;
    private boolean withdrawn;
    private final Map<ServerId, KeptServer> servers = new LinkedHashMap<>();
    private @Nullable KeptServer sorry;
    private ServiceState state = ServiceState.UNKNOWN;

    KeptService(ServiceConfig config, long now) {
        this.config = config;
        configureServers(now);
        configureSorry(config.sorryServer(), now);
        settle(now);
    }

    /** A copy that goes its own way. */
    KeptService(KeptService other) {
        config = other.config;
        withdrawn = other.withdrawn;
        other.servers.forEach((id, server) -> servers.put(id, new KeptServer(server)));
        sorry = other.sorry == null ? null : new KeptServer(other.sorry);
        state = other.state;
    }

    ServiceConfig config() {
        return config;
    }

    ServiceId id() {
        return config.id();
    }

    ServiceState state() {
        return state;
    }

    void setState(ServiceState now) {
        state = now;
    }

    boolean withdrawn() {
        return withdrawn;
    }

    /** Whether it is neither in the configuration nor of use to any connection. */
    boolean forgotten() {
        return withdrawn && servers.isEmpty() && (sorry == null || !sorry.inTable());
    }

    Collection<KeptServer> servers() {
        return servers.values();
    }

    @Nullable KeptServer server(ServerId id) {
        return servers.get(id);
    }

    /** The server that stands in, null if there is none. */
    @Nullable KeptServer sorry() {
        return sorry;
    }

    /** Takes another configuration; servers that are in both go on as they are. */
    void configure(ServiceConfig changed, long now) {
        boolean same = !withdrawn && changed.equals(config);
        config = changed;
        withdrawn = false;
        if (same) {
            return;
        }
        configureServers(now);
        configureSorry(changed.sorryServer(), now);
        settle(now);
    }

    /** It is no longer in the configuration. */
    void withdraw(long now) {
        withdrawn = true;
        servers.values().forEach(server -> withdraw(server, now));
        configureSorry(null, now);
        settle(now);
    }

    private void configureServers(long now) {
        Map<ServerId, KeptServer> before = new LinkedHashMap<>(servers);
        servers.clear();
        for (ServerConfig server : config.servers()) {
            KeptServer kept = before.remove(server.id());
            if (kept == null) {
                kept = new KeptServer(bounded(server));
            }
            kept.configure(bounded(server), now);
            servers.put(server.id(), kept);
        }
        before.forEach(
                (id, server) -> {
                    withdraw(server, now);
                    servers.put(id, server);
                });
    }

    // A client's datagrams renew their entry for as long as it sends, so those of UDP would never
    // leave a server that drains without an end. They go to another one at once.
    private ServerConfig bounded(ServerConfig server) {
        if (server.drain() != null || config.id().protocol() != ServiceId.UDP) {
            return server;
        }
        return new ServerConfig(
                server.name(),
                server.id(),
                server.settings(),
                server.checks(),
                server.onFailure(),
                server.slowStart(),
                server.load(),
                Duration.ZERO);
    }

    private static void withdraw(KeptServer server, long now) {
        if (!server.withdrawn()) {
            server.withdraw(now);
        }
    }

    // The server that stood in and does no more drains like one that has left the file.
    private void configureSorry(@Nullable SorryServerConfig wanted, long now) {
        KeptServer before = sorry;
        if (before != null && (wanted == null || !before.config().id().equals(wanted.id()))) {
            withdraw(before, now);
            servers.putIfAbsent(before.config().id(), before);
            before = null;
        }
        if (wanted == null) {
            sorry = null;
            return;
        }
        ServerConfig server =
                new ServerConfig(
                        SORRY_NAME,
                        wanted.id(),
                        wanted.settings(),
                        List.of(),
                        FailureAction.REMOVE,
                        false,
                        null,
                        null);
        KeptServer former = servers.get(wanted.id());
        if (before == null && former != null && former.withdrawn()) {
            servers.remove(wanted.id());
            before = former;
        }
        if (before == null) {
            before = new KeptServer(bounded(server));
        }
        before.drain(true, now);
        before.configure(bounded(server), now);
        sorry = before;
    }

    /** Forgets servers that nothing needs, and lets the sorry server stand in or not. */
    void settle(long now) {
        servers.values().removeIf(KeptServer::forgotten);
        KeptServer standIn = sorry;
        if (standIn != null) {
            standIn.drain(withdrawn || serving() >= config.quorum(), now);
        }
    }

    /** How many real servers get connections. */
    int serving() {
        int serving = 0;
        for (KeptServer server : servers.values()) {
            serving += server.counts() ? 1 : 0;
        }
        return serving;
    }

    /** What the table is to have of a server; null for nothing. */
    @Nullable ServerEntry entry(ServerId id) {
        KeptServer server = servers.get(id);
        ServerEntry entry = server == null ? null : server.entry();
        KeptServer standIn = sorry;
        if (entry == null && standIn != null && standIn.config().id().equals(id)) {
            return standIn.entry();
        }
        return entry;
    }

    /** What the table is to have of it; null for nothing. */
    @Nullable ServiceEntry entry() {
        if (forgotten()) {
            return null;
        }
        Map<ServerId, ServerEntry> entries = new LinkedHashMap<>();
        servers.keySet().forEach(id -> put(entries, id));
        if (sorry != null) {
            put(entries, sorry.config().id());
        }
        return new ServiceEntry(config.settings(), entries);
    }

    private void put(Map<ServerId, ServerEntry> entries, ServerId id) {
        ServerEntry entry = entry(id);
        if (entry != null) {
            entries.put(id, entry);
        }
    }
}
