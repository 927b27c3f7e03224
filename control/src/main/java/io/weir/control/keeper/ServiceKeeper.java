package io.weir.control.keeper;

import io.weir.control.check.Health;
import io.weir.control.check.MonitoredServer;
import io.weir.control.check.ServerKey;
import io.weir.control.config.Configuration;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * The services of a configuration, kept as nanny and lvsd keep them (lvs-features.md 3): a real
 * server enters the table when its checks first pass and leaves it, or keeps weight 0, when one
 * fails; the sorry server stands in while too few are in service; who is taken out by the operator
 * or by a new configuration drains.
 *
 * <p>A pure state machine, for one thread. Times are milliseconds of a clock that never goes back.
 */
public final class ServiceKeeper {
    private Map<ServiceId, KeptService> services = Map.of();
    private Set<ServerKey> passed;

    /** Keeps nothing yet. */
    public ServiceKeeper() {
        this(Set.of());
    }

    /**
     * Keeps nothing yet.
     *
     * @param passed servers of which it is known that they pass their checks: those of the first
     *     configuration enter the table with their services
     */
    public ServiceKeeper(Set<ServerKey> passed) {
        this.passed = Set.copyOf(passed);
    }

    /**
     * A configuration that could be taken next. It is good until the keeper is told anything else.
     */
    public static final class Plan {
        private final Map<ServiceId, KeptService> services;
        private final Outcome outcome;

        private Plan(Map<ServiceId, KeptService> services, Outcome outcome) {
            this.services = services;
            this.outcome = outcome;
        }

        /** What adopting it would follow from; changes that can all be taken back. */
        public Outcome outcome() {
            return outcome;
        }
    }

    /** Says what another configuration would change, and changes nothing yet. */
    public Plan plan(Configuration configuration, long now) {
        Map<ServiceId, KeptService> next = new LinkedHashMap<>();
        OutcomeDraft draft = new OutcomeDraft();
        for (ServiceConfig wanted : configuration.services()) {
            next.put(wanted.id(), configured(services.get(wanted.id()), wanted, now, draft));
        }
        services.forEach(
                (id, service) -> {
                    if (!next.containsKey(id)) {
                        KeptService leaving = withdrawn(service, now, draft);
                        if (!leaving.forgotten()) {
                            next.put(id, leaving);
                        }
                    }
                });
        return new Plan(next, draft.outcome());
    }

    private KeptService configured(
            @Nullable KeptService current, ServiceConfig wanted, long now, OutcomeDraft draft) {
        if (current == null) {
            KeptService made = new KeptService(wanted, now);
            for (KeptServer server : made.servers()) {
                if (passed.contains(new ServerKey(made.id(), server.config().id()))) {
                    server.found(Health.UP, "by earlier checks", now);
                }
            }
            made.settle(now);
            draft.compare(null, made);
            return made;
        }
        if (!current.withdrawn() && current.config().equals(wanted)) {
            return current;
        }
        KeptService changed = new KeptService(current);
        changed.configure(wanted, now);
        draft.compare(current, changed);
        return changed;
    }

    private static KeptService withdrawn(KeptService current, long now, OutcomeDraft draft) {
        if (current.withdrawn()) {
            return current;
        }
        KeptService leaving = new KeptService(current);
        leaving.withdraw(now);
        draft.compare(current, leaving);
        return leaving;
    }

    /** Takes a plan whose changes have been carried out. */
    public void adopt(Plan plan) {
        services = plan.services;
        passed = Set.of();
    }

    /** A server's checks have another result. */
    public Outcome healthChanged(ServerKey key, Health health, String detail, long now) {
        return change(key, now, server -> server.found(health, detail, now));
    }

    /** A server told its load. */
    public Outcome loadMeasured(ServerKey key, double load, long now) {
        return change(key, now, server -> server.follow(load));
    }

    /** A check program told the weight that a server is to have. */
    public Outcome weightDemanded(ServerKey key, int weight, long now) {
        return change(key, now, server -> server.demand(weight));
    }

    /** The operator takes a server out of service, or lets it back in. */
    public Outcome drain(ServerKey key, boolean on, long now) {
        return change(key, now, server -> server.drain(on, now));
    }

    private Outcome change(ServerKey key, long now, Consumer<KeptServer> action) {
        KeptService service = services.get(key.service());
        KeptServer server = service == null ? null : service.server(key.server());
        if (service == null || server == null || server.withdrawn()) {
            return Outcome.NOTHING;
        }
        OutcomeDraft draft = new OutcomeDraft();
        draft.begin(service, server);
        action.accept(server);
        service.settle(now);
        draft.end();
        return draft.outcome();
    }

    /**
     * Lets time go on: weights grow, drains come to their end. Once a second is often enough.
     *
     * @param connections how many connections a server has; asked only of those that may leave
     */
    public Outcome tick(long now, ToLongFunction<ServerKey> connections) {
        OutcomeDraft draft = new OutcomeDraft();
        List<KeptService> all = List.copyOf(services.values());
        for (KeptService service : all) {
            KeptServer sorry = service.sorry();
            List<KeptServer> servers = new ArrayList<>(service.servers());
            if (sorry != null) {
                servers.add(sorry);
            }
            for (KeptServer server : servers) {
                draft.begin(service, server);
                server.advance(now);
                boolean late = now >= server.drainEnds();
                boolean leaves = late || idle(service, server, connections);
                if (leaves) {
                    server.leave();
                }
                service.settle(now);
                draft.end(late);
            }
            if (service.forgotten()) {
                draft.delete(service);
                services.remove(service.id());
            }
        }
        return draft.outcome();
    }

    // Who was drained by the operator stays where everybody sees it, until its time is up.
    private static boolean idle(
            KeptService service, KeptServer server, ToLongFunction<ServerKey> connections) {
        boolean mayLeave = server.withdrawn() || server == service.sorry();
        return mayLeave
                && server.draining()
                && connections.applyAsLong(new ServerKey(service.id(), server.config().id())) == 0;
    }

    /** What checks are to be made. */
    public List<MonitoredServer> monitored() {
        List<MonitoredServer> monitored = new ArrayList<>();
        for (KeptService service : services.values()) {
            for (KeptServer server : service.servers()) {
                ServerConfig config = server.config();
                if (!server.withdrawn() && !(config.checks().isEmpty() && config.load() == null)) {
                    monitored.add(
                            new MonitoredServer(
                                    new ServerKey(service.id(), config.id()),
                                    config.settings().method(),
                                    config.checks(),
                                    config.load()));
                }
            }
        }
        return monitored;
    }

    /** What the table is to have of the configuration's services. */
    public Map<ServiceId, ServiceEntry> intended() {
        Map<ServiceId, ServiceEntry> intended = new LinkedHashMap<>();
        services.forEach(
                (id, service) -> {
                    ServiceEntry entry = service.entry();
                    if (entry != null) {
                        intended.put(id, entry);
                    }
                });
        return intended;
    }

    /** The services that are kept. */
    public Set<ServiceId> services() {
        return Set.copyOf(services.keySet());
    }

    /** What is known of a server's health; null if it is not kept. */
    public @Nullable Health health(ServerKey key) {
        KeptService service = services.get(key.service());
        KeptServer server = service == null ? null : service.server(key.server());
        return server == null || server.withdrawn() ? null : server.health();
    }

    /**
     * The servers of a name or address.
     *
     * @param words a server's name, its address, or its address and port
     * @param service the name of the only service that is meant, null for all
     */
    public List<ServerKey> find(String words, @Nullable String service) {
        List<ServerKey> found = new ArrayList<>();
        for (KeptService kept : services.values()) {
            if (service != null && !service.equals(kept.config().name())) {
                continue;
            }
            for (KeptServer server : kept.servers()) {
                ServerId id = server.config().id();
                boolean meant =
                        words.equals(server.config().name())
                                || words.equals(id.address().toString())
                                || words.equals(OutcomeDraft.endpoint(kept.id(), id));
                if (meant && !server.withdrawn()) {
                    found.add(new ServerKey(kept.id(), id));
                }
            }
        }
        return found;
    }

    /** How everything stands, in the configuration's order. */
    public List<ServiceReport> report(long now) {
        return services.values().stream().map(service -> ServiceReport.of(service, now)).toList();
    }
}
