package io.weir.control.keeper;

import io.weir.control.check.Health;
import io.weir.control.check.ServerKey;
import io.weir.control.config.Configuration;
import io.weir.control.config.FailureAction;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the table has to contain, found out slowly: after each event every fact about every server
 * is looked at again.
 */
final class KeeperModel {
    /** What has become of one server. */
    private static final class Facts {
        ServerConfig config;
        boolean configured = true;
        Health verdict = Health.UNKNOWN;
        boolean drained;
        long deadline = Long.MAX_VALUE;
        boolean present;
        boolean served;
        long enteredAt;

        Facts(ServerConfig config) {
            this.config = config;
        }

        boolean good() {
            return config.checks().isEmpty() || verdict == Health.UP;
        }

        boolean serves() {
            return configured && !drained && good();
        }
    }

    private final Map<ServerKey, Facts> facts = new LinkedHashMap<>();
    private final Map<ServiceId, ServiceConfig> services = new LinkedHashMap<>();
    private final Map<ServiceId, Boolean> sorryPresent = new LinkedHashMap<>();
    private Configuration current = Farm.configuration();
    private long lastTick;

    void reload(Configuration configuration, long now) {
        current = configuration;
        for (ServiceConfig service : configuration.services()) {
            services.put(service.id(), service);
            for (ServerConfig server : service.servers()) {
                ServerKey key = new ServerKey(service.id(), server.id());
                Facts known = facts.computeIfAbsent(key, k -> new Facts(server));
                if (!known.configured) {
                    known.verdict = Health.UNKNOWN;
                } else if (known.config.checks().isEmpty() && known.present) {
                    known.verdict = Health.UP;
                }
                known.configured = true;
                known.config = server;
            }
        }
        facts.forEach(
                (key, known) -> {
                    if (known.configured && find(key) == null) {
                        known.configured = false;
                        known.deadline = known.drained ? known.deadline : deadline(known, now);
                    }
                });
        look(now);
    }

    private @Nullable ServerConfig find(ServerKey key) {
        for (ServiceConfig service : current.services()) {
            for (ServerConfig server : service.servers()) {
                if (service.id().equals(key.service()) && server.id().equals(key.server())) {
                    return server;
                }
            }
        }
        return null;
    }

    private static long deadline(Facts known, long now) {
        return known.config.drain() == null
                ? Long.MAX_VALUE
                : now + known.config.drain().toMillis();
    }

    void found(ServerKey key, Health health, long now) {
        Facts known = facts.get(key);
        if (known != null && known.configured) {
            known.verdict = health;
            look(now);
        }
    }

    void drain(ServerKey key, boolean on, long now) {
        Facts known = facts.get(key);
        if (known != null && known.configured && known.drained != on) {
            known.drained = on;
            known.deadline = on ? deadline(known, now) : Long.MAX_VALUE;
            look(now);
        }
    }

    void tick(long now, Map<ServerKey, Long> connections) {
        lastTick = now;
        facts.forEach(
                (key, known) -> {
                    boolean leaves = !known.configured || known.drained;
                    boolean idle = !known.configured && connections.getOrDefault(key, 0L) == 0;
                    if (leaves && (now >= known.deadline || idle)) {
                        known.present = false;
                    }
                });
        look(now);
        sorryPresent.replaceAll(
                (id, present) ->
                        present
                                && (tooFew(id)
                                        || connections.getOrDefault(
                                                        new ServerKey(
                                                                id,
                                                                services.get(id)
                                                                        .sorryServer()
                                                                        .id()),
                                                        0L)
                                                != 0));
        look(now);
    }

    private void look(long now) {
        for (Facts known : facts.values()) {
            boolean serves = known.serves();
            if (serves && !known.served) {
                known.present = true;
                known.enteredAt = now;
            }
            boolean dead = !known.config.checks().isEmpty() && known.verdict == Health.DOWN;
            if (!serves && dead && known.config.onFailure() == FailureAction.REMOVE) {
                known.present = false;
            }
            known.served = serves;
        }
        facts.values().removeIf(known -> !known.configured && !known.present);
        for (ServiceConfig service : services.values()) {
            if (service.sorryServer() != null && tooFew(service.id())) {
                sorryPresent.put(service.id(), true);
            }
        }
        services.keySet()
                .removeIf(
                        id ->
                                !configured(id)
                                        && facts.keySet().stream()
                                                .noneMatch(key -> key.service().equals(id))
                                        && !sorryPresent.getOrDefault(id, false));
        sorryPresent.keySet().retainAll(services.keySet());
    }

    private boolean configured(ServiceId id) {
        return current.services().stream().anyMatch(service -> service.id().equals(id));
    }

    private boolean tooFew(ServiceId id) {
        long serving =
                facts.entrySet().stream()
                        .filter(e -> e.getKey().service().equals(id))
                        .filter(e -> e.getValue().serves() && weight(e.getValue()) > 0)
                        .count();
        return configured(id) && serving < services.get(id).quorum();
    }

    private int weight(Facts known) {
        int whole = known.config.settings().weight();
        if (!known.config.slowStart()) {
            return whole;
        }
        long steps = Math.max(0, lastTick - known.enteredAt) / 20_000;
        return (int) Math.min(whole, (long) Math.max(1, whole / 32) << Math.min(steps, 30));
    }

    /** As {@link KeptBalancer#shown}. */
    String shown() {
        Map<ServiceId, TreeSet<String>> table = new TreeMap<>((a, b) -> a.port() - b.port());
        services.keySet().forEach(id -> table.put(id, new TreeSet<>()));
        facts.forEach(
                (key, known) -> {
                    if (known.present) {
                        boolean drains = !known.serves() && (leaves(known) || unheard(known));
                        table.get(key.service())
                                .add(
                                        number(key)
                                                + "="
                                                + (known.serves() ? weight(known) : 0)
                                                + (drains ? "d" : ""));
                    }
                });
        sorryPresent.forEach(
                (id, present) -> {
                    if (present) {
                        ServerKey key = new ServerKey(id, services.get(id).sorryServer().id());
                        table.get(id).add(number(key) + (tooFew(id) ? "=1" : "=0d"));
                    }
                });
        TreeSet<String> lines = new TreeSet<>();
        table.forEach((id, servers) -> lines.add(id.port() + ": " + String.join(" ", servers)));
        return String.join(", ", lines);
    }

    private static boolean leaves(Facts known) {
        return !known.configured || known.drained;
    }

    private static boolean unheard(Facts known) {
        return !known.config.checks().isEmpty() && known.verdict == Health.UNKNOWN;
    }

    private static String number(ServerKey key) {
        String address = key.server().address().toString();
        return address.substring(address.lastIndexOf('.') + 1);
    }

    /** Whether a server that is checked may get connections: its checks passed, the last time. */
    boolean mayServe(ServerKey key) {
        Facts known = facts.get(key);
        return known != null && known.serves();
    }
}
