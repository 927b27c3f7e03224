package io.weir.control.router;

import io.weir.control.check.Health;
import io.weir.control.check.HealthMonitor;
import io.weir.control.check.MonitoredServer;
import io.weir.control.check.ServerHealth;
import io.weir.control.check.ServerKey;
import io.weir.control.config.Configuration;
import io.weir.control.event.Event;
import io.weir.control.event.EventHub;
import io.weir.control.event.NotifyScripts;
import io.weir.control.event.ProgramQueue;
import io.weir.control.failover.Role;
import io.weir.control.keeper.ServiceKeeper;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.Timeouts;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A router that runs by a configuration. Any thread; what it is told takes effect on a thread of
 * its own, one thing after the other.
 */
public final class Router implements AutoCloseable {
    private static final Logger LOG = System.getLogger("weir");

    private static final long TICK_MILLIS = 1_000;
    private static final long CHECK_MILLIS = 2_000;
    private static final long END_SECONDS = 10;
    private static final Duration SCRIPT_LIMIT = Duration.ofSeconds(30);

    private final Administration administration;
    private final EventHub events;
    private final InstantSource clock;
    private final TableKeeper table;
    private final RuleSets rules;
    private final Roles roles;
    private final SyncDirection sync;
    private final HealthInbox inbox;
    private final HealthMonitor monitor;
    private final ProgramQueue programs = new ProgramQueue(SCRIPT_LIMIT);
    private final NotifyScripts scripts = new NotifyScripts(programs);
    private final LocalServices local = new LocalServices(programs);
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("weir-router").factory());
    private Configuration configuration = Configuration.EMPTY;
    private @Nullable Role told;
    private boolean closed;

    private Router(
            RouterBalancer balancer, RouterParts parts, EventHub events, InstantSource clock) {
        this.administration = balancer.administration();
        this.events = events;
        this.clock = clock;
        this.table =
                new TableKeeper(
                        balancer,
                        parts.known(),
                        events,
                        () -> System.nanoTime() / 1_000_000,
                        clock);
        this.rules = new RuleSets(balancer);
        this.sync = new SyncDirection(administration);
        this.roles = new Roles(parts, this::roleChanged, events);
        this.inbox = new HealthInbox(this::hear);
        this.monitor = parts.openMonitor(inbox);
    }

    /**
     * Makes a router with an empty configuration.
     *
     * @param events hear what happens
     */
    public static Router start(
            RouterBalancer balancer, RouterParts parts, EventHub events, InstantSource clock) {
        Router router = new Router(balancer, parts, events, clock);
        events.listen(router.scripts);
        router.every(TICK_MILLIS, router.table::tick);
        router.every(CHECK_MILLIS, router::check);
        return router;
    }

    private void every(long millis, Runnable work) {
        Future<?> _ =
                thread.scheduleWithFixedDelay(guarded(work), millis, millis, TimeUnit.MILLISECONDS);
    }

    // An exception would end the schedule; what failed is looked at again by the next check.
    private static Runnable guarded(Runnable work) {
        return () -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "the router's thread", e);
            }
        };
    }

    private void post(Runnable work) {
        try {
            thread.execute(guarded(work));
        } catch (RejectedExecutionException e) {
            // The router has ended.
        }
    }

    private <T> T call(Callable<T> work) throws RouterRefusal {
        try {
            return thread.submit(work).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RouterRefusal refusal) {
                throw refusal;
            }
            throw new IllegalStateException(e.getCause());
        } catch (RejectedExecutionException e) {
            throw new RouterRefusal("the daemon ends", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RouterRefusal("interrupted", e);
        }
    }

    /**
     * Goes over to another configuration: exactly the difference takes effect.
     *
     * @throws RouterRefusal if a part of it is refused; nothing has changed then
     */
    public void apply(Configuration wanted) throws RouterRefusal {
        call(
                () -> {
                    change(wanted);
                    return wanted;
                });
    }

    private void change(Configuration wanted) throws RouterRefusal {
        Configuration before = configuration;
        Timeouts timeouts = administration.timeouts();
        rules.replace(wanted);
        ServiceKeeper.Plan plan = null;
        try {
            plan = table.carryOut(wanted);
            administration.setTimeouts(wanted.timeouts());
            roles.configure(before, wanted);
        } catch (IOException | RouterRefusal | RuntimeException e) {
            if (plan != null) {
                table.takeBack(plan);
                administration.setTimeouts(timeouts);
            }
            rules.replace(before);
            throw e instanceof RouterRefusal refusal
                    ? refusal
                    : new RouterRefusal(String.valueOf(e.getMessage()), e);
        }
        configuration = wanted;
        scripts.configure(wanted.scripts());
        table.adopt(plan);
        local.settle(wanted.localServices(), roles.role() == Role.ACTIVE);
        watch();
        settle("configuration");
    }

    private void watch() {
        List<MonitoredServer> servers = new ArrayList<>(table.monitored());
        servers.addAll(local.monitored());
        monitor.watch(servers);
    }

    private void hear() {
        post(
                () -> {
                    Map<ServerKey, HealthInbox.News> news = inbox.take();
                    table.hear(news);
                    news.forEach(this::hearLocal);
                });
    }

    private void hearLocal(ServerKey server, HealthInbox.News news) {
        Health health = news.health();
        String failed = health == null ? "" : local.hear(server, health);
        if (failed.isEmpty()) {
            return;
        }
        events.publish(
                new Event(
                        clock.instant(),
                        Event.Kind.SERVICE,
                        List.of(failed),
                        "down",
                        news.detail()));
        try {
            roles.handOver();
        } catch (RouterRefusal e) {
            LOG.log(Level.ERROR, failed + " does not answer, but " + e.getMessage());
        }
    }

    private void check() {
        table.check(monitor.snapshot());
        if (told == null) {
            settleSync();
        } else {
            // Only if what follows from the last change failed, as when the worker did not answer.
            settle("made good later");
        }
    }

    private void roleChanged(String instance, Role role, String reason) {
        post(
                () -> {
                    roles.changed(instance, role);
                    settle(instance + ": " + reason);
                });
    }

    /** Does what follows from the role. */
    private void settle(String reason) {
        settleSync();
        Role role = roles.role();
        if (role == told) {
            return;
        }
        Role before = told;
        told = role;
        event(Event.Kind.ROUTER, role.name().toLowerCase(Locale.ROOT), reason);
        boolean active = role == Role.ACTIVE;
        if (local.settle(configuration.localServices(), active)) {
            watch();
        }
        if (active || before == null || before == Role.ACTIVE) {
            scripts.roleChanged(active);
        }
    }

    private void settleSync() {
        String instance =
                configuration.connectionSync() == null
                        ? null
                        : configuration.connectionSync().instance();
        sync.settle(configuration.connectionSync(), roles.active(instance));
    }

    private void event(Event.Kind kind, String state, String detail) {
        events.publish(new Event(clock.instant(), kind, List.of(), state, detail));
    }

    /** Gives the active role to the partner. */
    public void handOver() throws RouterRefusal {
        call(
                () -> {
                    roles.handOver();
                    return true;
                });
    }

    /** Gives the active role away and does not take it, until this is ended. */
    public void setMaintenance(boolean on) throws RouterRefusal {
        call(
                () -> {
                    roles.setMaintenance(on);
                    event(Event.Kind.ROUTER, "maintenance", on ? "begun" : "ended");
                    return on;
                });
    }

    /**
     * Takes servers out of service, or lets them in again.
     *
     * @param server a name, an address, or an address and port
     * @param service the name of the only service that is meant, null for all
     * @return how many servers were meant
     */
    public int drain(String server, @Nullable String service, boolean on) throws RouterRefusal {
        return call(
                () -> {
                    List<ServerKey> meant = table.find(server, service);
                    if (meant.isEmpty()) {
                        throw new RouterRefusal(
                                "there is no server "
                                        + server
                                        + (service == null ? "" : " in service " + service)
                                        + "; weir status shows their names");
                    }
                    table.drain(meant, on);
                    return meant.size();
                });
    }

    /** Makes every check now. */
    public void checkNow() {
        monitor.checkNow();
    }

    /** What the checks know. */
    public List<ServerHealth> health() {
        return monitor.snapshot();
    }

    /** How everything stands. */
    public RouterReport report() throws RouterRefusal {
        return call(
                () ->
                        new RouterReport(
                                configuration,
                                roles.role(),
                                roles.maintenance(),
                                roles.status(),
                                table.report(),
                                monitor.snapshot(),
                                administration.syncDaemons(),
                                sync.trouble()));
    }

    /** Gives the role away first, then ends everything else; the table stays as it is. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Future<?> end =
                thread.submit(
                        () -> {
                            roles.close();
                            local.end();
                            if (told == Role.ACTIVE) {
                                scripts.roleChanged(false);
                            }
                        });
        try {
            end.get(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.log(Level.ERROR, "the roles were not given away: " + e);
        }
        thread.shutdownNow();
        monitor.close();
        events.leave(scripts);
        programs.close();
    }
}
