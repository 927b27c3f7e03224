package io.weir.control.check;

import io.netty.channel.EventLoop;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.LoadConfig;
import io.weir.control.config.Probe;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * What all checks share: the thread that decides, the thread that probes, the lanes on it, time and
 * chance.
 *
 * <p>Two threads, so that a listener that takes its time delays no probe, and no answer is late
 * because of it.
 */
final class CheckEngine {
    private static final Logger LOG = System.getLogger("weir.check");

    private static final long REPORT_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final EventLoop decisions;
    private final HealthListener listener;
    private final CheckMakers makers;
    private final AttemptLane probes;
    private final AttemptLane programs;
    private final AttemptLane loadPrograms;
    private final InstantSource clock;
    private final DoubleSupplier random;
    private long notMadeReported = System.nanoTime() - REPORT_EVERY_NANOS;

    CheckEngine(
            EventLoop decisions,
            EventLoop probing,
            HealthListener listener,
            CheckMakers makers,
            CheckLimits limits,
            InstantSource clock,
            DoubleSupplier random) {
        this.decisions = decisions;
        this.listener = listener;
        this.makers = makers;
        StallWatch stalls = new StallWatch(System::nanoTime);
        var _ =
                probing.scheduleAtFixedRate(
                        stalls::look,
                        StallWatch.BEAT_MILLIS,
                        StallWatch.BEAT_MILLIS,
                        TimeUnit.MILLISECONDS);
        probes = new AttemptLane("checks", probing, stalls, limits.probes());
        programs = new AttemptLane("check programs", probing, stalls, limits.programs());
        loadPrograms =
                new AttemptLane("questions for loads", probing, stalls, limits.loadPrograms());
        this.clock = clock;
        this.random = random;
    }

    /** Runs something on the thread that owns all states and calls the listener. */
    void decide(Runnable action) {
        try {
            decisions.execute(action);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "too late, the monitor is closed", e);
        }
    }

    CheckMakers makers() {
        return makers;
    }

    /** Where a check of this kind waits for its turn. */
    AttemptLane lane(CheckConfig check) {
        return check.probe() instanceof Probe.Program ? programs : probes;
    }

    /** Where a question for a load waits for its turn. */
    AttemptLane lane(LoadConfig load) {
        return load.source() == LoadConfig.Source.COMMAND ? loadPrograms : probes;
    }

    /** Calls the listener, on the deciding thread. What it throws is logged. */
    void tell(Consumer<HealthListener> news) {
        try {
            news.accept(listener);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the result of a check was not taken", e);
        }
    }

    /** Runs something on the deciding thread at a time of {@link System#nanoTime}. */
    Future<?> at(long nanos, Runnable action) {
        long wait = Math.max(0, nanos - System.nanoTime());
        return decisions.schedule(action, wait, TimeUnit.NANOSECONDS);
    }

    /** Says in the log that checks cannot be made, now and then. On the deciding thread. */
    void reportNotMade(String check, String reason) {
        long now = System.nanoTime();
        if (now - notMadeReported >= REPORT_EVERY_NANOS) {
            notMadeReported = now;
            LOG.log(
                    Level.WARNING,
                    "checks cannot be made, servers stay what they are: {0}: {1}",
                    check,
                    reason);
        }
    }

    InstantSource clock() {
        return clock;
    }

    /** From 0 to less than 1. */
    double random() {
        return random.getAsDouble();
    }

    /** Ends everything that runs. */
    void close() {
        probes.close();
        programs.close();
        loadPrograms.close();
    }
}
