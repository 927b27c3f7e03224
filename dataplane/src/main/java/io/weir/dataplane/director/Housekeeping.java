package io.weir.dataplane.director;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.service.RateEstimator;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.TrafficCounters;

/**
 * What time brings: expiry, sweeps, rates and what is due once a second, a bounded part of each in
 * every cycle, however many connections, services and servers there are. Owned by the worker.
 */
final class Housekeeping {
    private static final long SLOW_WORK_MILLIS = 1_000;

    /** Timers that are later than this have the whole budget of a cycle. */
    private static final int LATE_TICKS = 1000 / ExpiryWheel.TICK_MILLIS;

    private static final int UNHURRIED_PART = 4;

    private final ExpiryWheel wheel;
    private final ConnectionLife life;
    private final ConnectionSweep sweep;
    private final Defence defence;
    private final ServerRegistry servers;
    private final Sysctls sysctls;
    private final EntryDropper dropper;
    private final HalfOpenEviction eviction;
    private final RateSamples rates;
    private final SchedulerChores chores;
    private long nextSlowWork;
    private long nextEstimate = RateEstimator.PERIOD_MILLIS;

    Housekeeping(
            ConnectionTable table,
            ExpiryWheel wheel,
            ConnectionLife life,
            ConnectionSweep sweep,
            Defence defence,
            ServiceTable services,
            ServerRegistry servers,
            TrafficCounters totals,
            Sysctls sysctls,
            DropCounters drops) {
        this.wheel = wheel;
        this.life = life;
        this.sweep = sweep;
        this.defence = defence;
        this.servers = servers;
        this.sysctls = sysctls;
        this.dropper = new EntryDropper(table, life);
        this.eviction = new HalfOpenEviction(table, life, defence.admission(), drops);
        this.rates = new RateSamples(services, totals);
        this.chores = new SchedulerChores(services);
    }

    /**
     * Does a step of everything that is due.
     *
     * @param budget the most entries of the expiry wheel to look at
     * @return what was done; 0 if nothing is left for now
     */
    int step(long now, int budget) {
        int work = expire((int) (now / ExpiryWheel.TICK_MILLIS), budget);
        work += sweep.step();
        work += dropper.step();
        work += eviction.step();
        if (now >= nextEstimate) {
            nextEstimate = now + RateEstimator.PERIOD_MILLIS;
            if (sysctls.on(Sysctl.RUN_ESTIMATION)) {
                rates.begin();
            }
        }
        work += rates.step();
        if (now >= nextSlowWork) {
            nextSlowWork = now + SLOW_WORK_MILLIS;
            slowWork(now);
        }
        return work + chores.step() + servers.step();
    }

    // Entries that expire together, be they millions, leave most of the time to packets for as long
    // as they are hardly late.
    private int expire(int tick, int budget) {
        boolean late = tick - wheel.now() > LATE_TICKS;
        return wheel.advance(tick, late ? budget : budget / UNHURRIED_PART, life);
    }

    private void slowWork(long now) {
        defence.decide();
        if (defence.dropsEntries()) {
            dropper.begin();
        }
        chores.begin(now);
        servers.begin(now);
    }
}
