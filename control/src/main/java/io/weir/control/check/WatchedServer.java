package io.weir.control.check;

import io.weir.control.check.probe.ProbeResult;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.LoadConfig;
import io.weir.dataplane.service.ForwardingMethod;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * A real server and its checks. On the deciding thread, but for {@link #health}, which any thread
 * may ask.
 */
final class WatchedServer {
    private final CheckEngine engine;
    private final ServerKey key;
    private final ServerState state;
    private Map<CheckConfig, CheckRun> runs = new LinkedHashMap<>();
    private @Nullable MonitoredServer server;
    private @Nullable LoadRun load;
    private Health told = Health.UNKNOWN;
    private Instant since;
    private volatile ServerHealth published;

    /**
     * Begins with the first {@link #adopt}.
     *
     * @param state what is known of it
     * @param since when that became so
     */
    WatchedServer(CheckEngine engine, ServerKey key, ServerState state, Instant since) {
        this.engine = engine;
        this.key = key;
        this.state = state;
        this.since = since;
        published = new ServerHealth(key, state.health(), since, List.of());
    }

    /**
     * Takes a description of this server.
     *
     * @return the checks that were not made before, for {@link #begin}
     */
    List<CheckRun> adopt(MonitoredServer wanted) {
        boolean sameWay = server == null || server.method() == wanted.method();
        server = wanted;
        state.adopt(
                new LinkedHashSet<>(wanted.checks()),
                check -> sameWay || check.path() == CheckConfig.Path.DIRECT,
                System.nanoTime());
        Map<CheckConfig, CheckRun> had = runs;
        runs = new LinkedHashMap<>();
        List<CheckRun> added = new ArrayList<>();
        for (CheckConfig check : state.checks().keySet()) {
            CheckRun run = null;
            if (sameWay || check.path() == CheckConfig.Path.DIRECT) {
                run = had.remove(check);
            }
            if (run == null) {
                run = newRun(wanted, check);
                added.add(run);
            }
            runs.put(check, run);
        }
        had.values().forEach(CheckRun::stop);
        askForLoad(wanted.load());
        settle(runs.isEmpty() ? "it has no checks" : "by its configuration and earlier checks");
        return added;
    }

    private CheckRun newRun(MonitoredServer wanted, CheckConfig check) {
        ForwardingMethod method = wanted.method();
        return new CheckRun(
                engine,
                check,
                () -> engine.makers().probes().runner(key.service(), key.server(), method, check),
                this::ended);
    }

    private void askForLoad(@Nullable LoadConfig wanted) {
        LoadRun asked = load;
        if (asked != null) {
            if (asked.load().equals(wanted)) {
                return;
            }
            asked.stop();
        }
        load =
                wanted == null
                        ? null
                        : new LoadRun(engine, key, wanted, () -> state.health() == Health.UP);
    }

    /** Makes a check at a time of {@link System#nanoTime} and from then on again and again. */
    void begin(CheckRun run, long nanos) {
        CheckState check = state.state(run.check());
        check.makeDue(nanos);
        run.plan(nanos);
    }

    private void ended(CheckRun run, ProbeResult result, long endedNanos) {
        CheckState check = state.state(run.check());
        if (result.verdict() == ProbeResult.Verdict.NOT_MADE) {
            engine.reportNotMade(run.name(), result.detail());
            check.missed(endedNanos);
            publish();
            run.plan(check.dueNanos());
            return;
        }
        state.ended(run.check(), result.passed(), endedNanos, engine.random());
        settle(run.name() + ": " + result.detail());
        if (result.weight() != ProbeResult.NO_WEIGHT) {
            engine.tell(listener -> listener.weightDemanded(key, result.weight()));
        }
        run.plan(check.dueNanos());
    }

    private void settle(String detail) {
        Health health = state.health();
        boolean changed = health != told;
        if (health != published.health()) {
            since = engine.clock().instant();
        }
        publish();
        if (changed) {
            told = health;
            engine.tell(listener -> listener.healthChanged(key, health, detail));
        }
    }

    private void publish() {
        List<ServerHealth.CheckHealth> checks = new ArrayList<>(runs.size());
        runs.forEach((check, run) -> checks.add(run.health(state.state(check))));
        published = new ServerHealth(key, state.health(), since, checks);
    }

    /** Stops watching it. */
    void stop() {
        runs.values().forEach(CheckRun::stop);
        askForLoad(null);
    }

    /** The checks that it has. */
    List<CheckRun> runs() {
        return List.copyOf(runs.values());
    }

    /** What is known of it; from any thread. */
    ServerHealth health() {
        return published;
    }
}
