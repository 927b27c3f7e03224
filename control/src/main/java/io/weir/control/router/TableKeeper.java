package io.weir.control.router;

import io.weir.control.check.Health;
import io.weir.control.check.MonitoredServer;
import io.weir.control.check.ServerHealth;
import io.weir.control.check.ServerKey;
import io.weir.control.config.Configuration;
import io.weir.control.event.EventSink;
import io.weir.control.keeper.Notice;
import io.weir.control.keeper.Outcome;
import io.weir.control.keeper.ServiceKeeper;
import io.weir.control.keeper.ServiceReport;
import io.weir.control.keeper.TableChange;
import io.weir.control.keeper.TableCheck;
import io.weir.control.keeper.TableRefusal;
import io.weir.control.keeper.TableWriter;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** A service keeper and the table that it keeps. Owned by the router's thread. */
final class TableKeeper {
    private static final Logger LOG = System.getLogger("weir");

    private final ServiceKeeper keeper;
    private final RouterBalancer balancer;
    private final Administration administration;
    private final TableWriter writer;
    private final EventSink events;
    private final LongSupplier millis;
    private final InstantSource clock;
    private String lastTrouble = "";

    /**
     * Makes a keeper without services.
     *
     * @param known of real servers before the first check
     * @param millis a clock that never goes back
     * @param clock dates events
     */
    TableKeeper(
            RouterBalancer balancer,
            List<ServerHealth> known,
            EventSink events,
            LongSupplier millis,
            InstantSource clock) {
        this.keeper =
                new ServiceKeeper(
                        known.stream()
                                .filter(server -> server.health() == Health.UP)
                                .map(ServerHealth::key)
                                .collect(Collectors.toSet()));
        this.balancer = balancer;
        this.administration = balancer.administration();
        this.writer = new TableWriter(administration);
        this.events = events;
        this.millis = millis;
        this.clock = clock;
    }

    /**
     * Makes the table what a configuration wants.
     *
     * @return to be {@link #adopt adopted} or {@link #takeBack taken back} before anything else
     * @throws RouterRefusal if a part of it is refused; the table is as before
     */
    ServiceKeeper.Plan carryOut(Configuration configuration) throws RouterRefusal {
        ServiceKeeper.Plan plan = keeper.plan(configuration, millis.getAsLong());
        List<TableChange> changes = plan.outcome().changes();
        try {
            balancer.change(() -> writer.applyAll(changes));
        } catch (TableRefusal e) {
            throw new RouterRefusal(String.valueOf(e.getMessage()), e);
        } catch (SteeringException e) {
            takeBack(plan);
            throw new RouterRefusal(String.valueOf(e.getMessage()), e);
        }
        return plan;
    }

    void takeBack(ServiceKeeper.Plan plan) {
        change(() -> writer.takeBack(plan.outcome().changes()));
    }

    /** Keeps to a plan from now on. */
    void adopt(ServiceKeeper.Plan plan) {
        keeper.adopt(plan);
        tell(plan.outcome());
        // Who need not drain goes at once.
        tick();
    }

    /** Takes news of real servers. */
    void hear(Map<ServerKey, HealthInbox.News> news) {
        long now = millis.getAsLong();
        List<Outcome> outcomes = new ArrayList<>();
        news.forEach((server, heard) -> hear(server, heard, now, outcomes));
        perform(outcomes);
    }

    private void hear(ServerKey server, HealthInbox.News heard, long now, List<Outcome> outcomes) {
        Integer weight = heard.weight();
        if (weight != null) {
            outcomes.add(keeper.weightDemanded(server, weight, now));
        }
        Health health = heard.health();
        if (health != null) {
            outcomes.add(keeper.healthChanged(server, health, heard.detail(), now));
        }
        Double load = heard.load();
        if (load != null) {
            outcomes.add(keeper.loadMeasured(server, load, now));
        }
    }

    /** Takes servers out of service, or lets them in again. */
    void drain(List<ServerKey> servers, boolean on) {
        long now = millis.getAsLong();
        perform(servers.stream().map(server -> keeper.drain(server, on, now)).toList());
    }

    /** Lets time go on. */
    void tick() {
        Map<ServiceId, @Nullable ServiceListing> listed = new HashMap<>();
        perform(List.of(keeper.tick(millis.getAsLong(), server -> connections(server, listed))));
    }

    private long connections(ServerKey key, Map<ServiceId, @Nullable ServiceListing> listed) {
        ServiceListing service = listed.computeIfAbsent(key.service(), administration::service);
        if (service != null) {
            for (ServerListing server : service.servers()) {
                if (server.id().equals(key.server())) {
                    return server.active() + server.inactive();
                }
            }
        }
        return 0;
    }

    /**
     * Looks whether the table is as it should be, and whether the keeper knows what the checks
     * know; what is not is mended and logged.
     */
    void check(List<ServerHealth> known) {
        long now = millis.getAsLong();
        List<Outcome> missed = new ArrayList<>();
        for (ServerHealth server : known) {
            Health kept = keeper.health(server.key());
            if (kept != null && server.health() != Health.UNKNOWN && kept != server.health()) {
                LOG.log(Level.WARNING, "news of a real server's health was missed");
                missed.add(keeper.healthChanged(server.key(), server.health(), "", now));
            }
        }
        perform(missed);
        List<TableChange> repairs = TableCheck.repairs(keeper.intended(), administration::service);
        if (!repairs.isEmpty()) {
            repairs.forEach(TableKeeper::logRepair);
            change(() -> log(writer.applyEach(repairs)));
        }
    }

    private static void logRepair(TableChange repair) {
        LOG.log(
                Level.WARNING,
                "service "
                        + TableWriter.text(repair.service())
                        + " was changed by somebody else; it is as the configuration says again");
    }

    private void perform(List<Outcome> outcomes) {
        boolean changes = outcomes.stream().anyMatch(outcome -> !outcome.changes().isEmpty());
        if (changes) {
            change(
                    () -> {
                        for (Outcome outcome : outcomes) {
                            log(writer.applyEach(outcome.changes()));
                        }
                    });
        }
        outcomes.forEach(this::tell);
    }

    private void tell(Outcome outcome) {
        for (Notice notice : outcome.notices()) {
            events.publish(notice.at(clock.instant()));
        }
    }

    // What is refused now is tried again by the next check, so it is logged when it changes.
    private void log(List<String> refusals) {
        refusals.forEach(this::trouble);
    }

    private void change(RouterBalancer.Work<RuntimeException> work) {
        try {
            balancer.change(work);
        } catch (SteeringException e) {
            trouble(String.valueOf(e.getMessage()));
        }
    }

    private void trouble(String line) {
        if (!line.equals(lastTrouble)) {
            lastTrouble = line;
            LOG.log(Level.ERROR, line);
        }
    }

    List<MonitoredServer> monitored() {
        return keeper.monitored();
    }

    List<ServerKey> find(String server, @Nullable String service) {
        return keeper.find(server, service);
    }

    List<ServiceReport> report() {
        return keeper.report(millis.getAsLong());
    }
}
