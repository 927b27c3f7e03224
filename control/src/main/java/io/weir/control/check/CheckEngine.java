package io.weir.control.check;

import io.netty.channel.EventLoop;
import io.weir.control.check.probe.ProbeRunner;
import io.weir.control.check.probe.ProbeRunners;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.Probe;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

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

    /** Who makes a check; parameters as in {@link ProbeRunners#runner}. */
    @FunctionalInterface
    interface RunnerChoice {
        ProbeRunner runner(
                ServiceId service, ServerId server, ForwardingMethod method, CheckConfig check);
    }

    private final EventLoop decisions;
    private final HealthListener listener;
    private final RunnerChoice runners;
    private final AttemptLane probes;
    private final AttemptLane programs;
    private final InstantSource clock;
    private final DoubleSupplier random;

    CheckEngine(
            EventLoop decisions,
            EventLoop probing,
            HealthListener listener,
            RunnerChoice runners,
            CheckLimits limits,
            InstantSource clock,
            DoubleSupplier random) {
        this.decisions = decisions;
        this.listener = listener;
        this.runners = runners;
        probes = new AttemptLane("checks", probing, limits.probes());
        programs = new AttemptLane("check programs", probing, limits.programs());
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

    RunnerChoice runners() {
        return runners;
    }

    /** Where a check of this kind waits for its turn. */
    AttemptLane lane(CheckConfig check) {
        return check.probe() instanceof Probe.Program ? programs : probes;
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
    }
}
