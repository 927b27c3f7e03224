package io.weir.control.check;

import io.weir.control.config.CheckConfig;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A real server's health by all of its checks.
 *
 * <p>It is up while every check is, and without any; down as soon as one is. A server whose checks
 * are exchanged stays what it was until each new one has ended: nothing unchecked enters the
 * service, and nothing leaves it by a change of the configuration alone.
 *
 * <p>Pure: told the time, does nothing by itself. Owned by one thread.
 */
final class ServerState {
    private Map<CheckConfig, CheckState> checks = new LinkedHashMap<>();
    private Health health;

    /** A server of which nothing is known, with {@link #adopt} to follow. */
    ServerState() {
        health = Health.UNKNOWN;
    }

    /**
     * A server that another process has checked.
     *
     * @param wanted its checks, which take over what is known of one with the same name
     */
    ServerState(ServerHealth known, Collection<CheckConfig> wanted, long nowNanos) {
        health = known.health();
        Map<String, Deque<ServerHealth.CheckHealth>> byName = new HashMap<>();
        for (ServerHealth.CheckHealth check : known.checks()) {
            byName.computeIfAbsent(check.name(), name -> new ArrayDeque<>()).add(check);
        }
        for (CheckConfig check : wanted) {
            var candidates = byName.getOrDefault(CheckName.of(check), new ArrayDeque<>());
            checks.put(check, taken(check, candidates.poll(), nowNanos));
        }
        health = combined();
    }

    private CheckState taken(
            CheckConfig check, ServerHealth.@Nullable CheckHealth known, long nowNanos) {
        if (known == null || known.health() == Health.UNKNOWN) {
            return fresh(check, nowNanos);
        }
        return CheckState.known(
                check.timing(), known.health(), known.passes(), known.failures(), nowNanos);
    }

    private CheckState fresh(CheckConfig check, long nowNanos) {
        return health == Health.UP
                ? CheckState.ofServerInService(check.timing(), nowNanos)
                : CheckState.unknown(check.timing(), nowNanos);
    }

    /**
     * Takes these checks instead of those that it had.
     *
     * @param stays tells of one that it had already whether it goes on as it was; any other is due
     */
    void adopt(Collection<CheckConfig> wanted, Predicate<CheckConfig> stays, long nowNanos) {
        Map<CheckConfig, CheckState> adopted = new LinkedHashMap<>();
        for (CheckConfig check : wanted) {
            CheckState had = checks.get(check);
            adopted.put(check, had != null && stays.test(check) ? had : fresh(check, nowNanos));
        }
        checks = adopted;
        health = combined();
    }

    /** A check of this server's has ended; parameters as in {@link CheckState#ended}. */
    void ended(CheckConfig check, boolean passed, long nowNanos, double random) {
        state(check).ended(passed, nowNanos, random);
        health = combined();
    }

    private Health combined() {
        Health all = Health.UP;
        for (CheckState check : checks.values()) {
            if (check.health() == Health.DOWN) {
                return Health.DOWN;
            }
            if (check.health() == Health.UNKNOWN) {
                all = health;
            }
        }
        return all;
    }

    Health health() {
        return health;
    }

    /** The state of one of this server's checks. */
    CheckState state(CheckConfig check) {
        CheckState state = checks.get(check);
        if (state == null) {
            throw new IllegalArgumentException("not a check of this server: " + check);
        }
        return state;
    }

    /** In the order of the configuration. */
    Map<CheckConfig, CheckState> checks() {
        return Collections.unmodifiableMap(checks);
    }
}
