package io.weir.control.keeper;

import io.weir.control.check.Health;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.FailureAction;
import io.weir.control.config.LoadConfig;
import io.weir.control.config.Probe;
import io.weir.control.config.ServerConfig;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/** A real server of one service: what is wanted of it, what is known of it, what follows. */
final class KeptServer {
    static final long NEVER = Long.MAX_VALUE;

    private static final int NOT_DEMANDED = -1;

    private ServerConfig config;
    private Health health = Health.UNKNOWN;
    private String detail = "";
    private int demanded = NOT_DEMANDED;
    private boolean withdrawn;
    private boolean drained;
    private long drainEnds = NEVER;
    private boolean inTable;
    private boolean serving;
    private final WeightCourse course;

    KeptServer(ServerConfig config) {
        this.config = config;
        this.course = new WeightCourse(base(config), config.slowStart(), step(config));
    }

    /** A copy that goes its own way. */
    KeptServer(KeptServer other) {
        config = other.config;
        health = other.health;
        detail = other.detail;
        demanded = other.demanded;
        withdrawn = other.withdrawn;
        drained = other.drained;
        drainEnds = other.drainEnds;
        inTable = other.inTable;
        serving = other.serving;
        course = new WeightCourse(other.course);
    }

    private static int base(ServerConfig config) {
        return config.settings().weight();
    }

    private static long step(ServerConfig config) {
        LoadConfig load = config.load();
        return (load == null ? ServerConfig.SLOW_START_STEP : load.period()).toMillis();
    }

    ServerConfig config() {
        return config;
    }

    Health health() {
        return config.checks().isEmpty() ? Health.UP : health;
    }

    /** What the last check that decided saw. */
    String detail() {
        return detail;
    }

    boolean serving() {
        return serving;
    }

    boolean inTable() {
        return inTable;
    }

    /** Whether it is in service and gets connections. */
    boolean counts() {
        return serving && course.weight() > 0;
    }

    boolean starting() {
        return serving && course.starting();
    }

    /** Whether it is no longer in the configuration. */
    boolean withdrawn() {
        return withdrawn;
    }

    /** Whether the operator has taken it out of service. */
    boolean drained() {
        return drained;
    }

    /** Whether it is in the table for the sake of its connections alone. */
    boolean draining() {
        return inTable && !serving && (withdrawn || drained || health() == Health.UNKNOWN);
    }

    /** When its connections have to end; {@link #NEVER} while they need not. */
    long drainEnds() {
        return inTable && (withdrawn || drained) ? drainEnds : NEVER;
    }

    /** Whether it is neither in the configuration nor in the table. */
    boolean forgotten() {
        return withdrawn && !inTable;
    }

    /** What the table is to have of it; null for nothing. */
    @Nullable ServerEntry entry() {
        if (!inTable) {
            return null;
        }
        int weight = serving ? course.weight() : 0;
        return ServerEntry.weighted(config.settings(), weight, draining());
    }

    /**
     * Takes other settings. What its checks have said stays true until those of the new
     * configuration say otherwise: a check that is edited, or the first that it gets, must not
     * empty the service.
     */
    void configure(ServerConfig changed, long now) {
        boolean withoutLoad = config.load() != null && changed.load() == null;
        if (withdrawn) {
            health = Health.UNKNOWN;
        } else if (config.checks().isEmpty() && inTable) {
            health = Health.UP;
        }
        config = changed;
        withdrawn = false;
        if (changed.checks().stream().noneMatch(KeptServer::demandsWeight)) {
            demanded = NOT_DEMANDED;
        }
        course.configure(
                demanded == NOT_DEMANDED ? base(changed) : demanded,
                changed.slowStart(),
                step(changed));
        if (withoutLoad) {
            course.forgetLoad();
        }
        settle(now);
    }

    private static boolean demandsWeight(CheckConfig check) {
        return check.probe() instanceof Probe.Program program && program.dynamicWeight();
    }

    /** It is no longer in the configuration; its connections go on as long as that allowed. */
    void withdraw(long now) {
        withdrawn = true;
        if (!drained) {
            drainEnds = drainEnd(config.drain(), now);
        }
        settle(now);
    }

    /** The operator takes it out of service, or lets it back in. */
    void drain(boolean on, long now) {
        if (on && !drained) {
            drainEnds = drainEnd(config.drain(), now);
        }
        drained = on;
        settle(now);
    }

    private static long drainEnd(@Nullable Duration drain, long now) {
        return drain == null ? NEVER : now + drain.toMillis();
    }

    /** Its checks have another result; that a check has none yet says nothing. */
    void found(Health found, String saw, long now) {
        if (found == Health.UNKNOWN) {
            return;
        }
        health = found;
        detail = saw;
        settle(now);
    }

    void follow(double load) {
        if (serving && config.load() != null) {
            course.follow(load);
        }
    }

    /** A check program says which weight it is to have. */
    void demand(int weight) {
        demanded = weight;
        course.rebase(weight);
    }

    void advance(long now) {
        course.advance(now);
    }

    /** Its connections are over, or have to be: it leaves the table. */
    void leave() {
        inTable = false;
    }

    private void settle(long now) {
        boolean serves = !withdrawn && !drained && health() == Health.UP;
        if (serves && !serving) {
            inTable = true;
            course.enter(now);
        } else if (!serves
                && health() == Health.DOWN
                && config.onFailure() == FailureAction.REMOVE) {
            inTable = false;
        }
        serving = serves;
    }
}
