package io.weir.control.check;

import io.weir.control.config.CheckTiming;

import java.time.Duration;

/**
 * What the results of one check, one after the other, say about the server, and when the next one
 * is due.
 *
 * <p>Pure: told the time and a random number, does nothing by itself. Owned by one thread. Times
 * are of one monotonic clock, in nanoseconds.
 */
final class CheckState {
    private final CheckTiming timing;
    private Health health;
    private boolean first = true;
    private int passes;
    private int failures;
    private long dueNanos;

    private CheckState(CheckTiming timing, Health health, long dueNanos) {
        this.timing = timing;
        this.health = health;
        this.dueNanos = dueNanos;
    }

    /** A check of which nothing is known. */
    static CheckState unknown(CheckTiming timing, long dueNanos) {
        return new CheckState(timing, Health.UNKNOWN, dueNanos);
    }

    /**
     * A check that is new for a server in service: one that a reload added or changed must end the
     * service as any other, by failing as often in a row as it says, and not by being new.
     */
    static CheckState ofServerInService(CheckTiming timing, long dueNanos) {
        return new CheckState(timing, Health.UP, dueNanos);
    }

    /** A check whose results until now are known from another process. */
    static CheckState known(
            CheckTiming timing, Health health, int passes, int failures, long dueNanos) {
        CheckState state = new CheckState(timing, health, dueNanos);
        state.passes = passes;
        state.failures = failures;
        return state;
    }

    /**
     * A check has ended.
     *
     * @param nowNanos when it did: the interval to the next one begins here, as nanny's does
     * @param random from 0 to less than 1
     */
    void ended(boolean passed, long nowNanos, double random) {
        passes = passed ? increment(passes) : 0;
        failures = passed ? 0 : increment(failures);
        health = next(passed);
        dueNanos = nowNanos + waitNanos(passed, random);
        first = false;
    }

    /**
     * The check that was due could not be made; it is to be tried again, and nothing else changes.
     */
    void missed(long nowNanos) {
        Duration wait =
                timing.retryInterval().compareTo(timing.interval()) < 0
                        ? timing.retryInterval()
                        : timing.interval();
        dueNanos = nowNanos + wait.toNanos();
    }

    // Years of passes must not come out as a negative number.
    private static int increment(int count) {
        return count == Integer.MAX_VALUE ? count : count + 1;
    }

    private Health next(boolean passed) {
        return switch (health) {
            case UNKNOWN -> passed && admits() ? Health.UP : Health.DOWN;
            case UP -> failures >= timing.fall() ? Health.DOWN : Health.UP;
            case DOWN -> passed && passes >= timing.rise() ? Health.UP : Health.DOWN;
        };
    }

    private boolean admits() {
        return timing.firstPass() || passes >= timing.rise();
    }

    // All checks begin with the process. The random length of the first interval spreads them over
    // the whole of it, once and for all, also where no jitter is asked for.
    private long waitNanos(boolean passed, double random) {
        boolean retry = !passed && health == Health.UP;
        Duration wait = retry ? timing.retryInterval() : timing.interval();
        boolean spread = first && passed && health == Health.UP;
        double shortened = spread ? random : random * timing.jitterPercent() / 100;
        return (long) (wait.toNanos() * (1 - shortened));
    }

    /** The next check is to begin now, or a little later. */
    void makeDue(long nanos) {
        dueNanos = nanos;
    }

    /** When the next check is to begin. */
    long dueNanos() {
        return dueNanos;
    }

    Health health() {
        return health;
    }

    /** Passes in a row, 0 after a failure. */
    int passes() {
        return passes;
    }

    /** Failures in a row, 0 after a pass. */
    int failures() {
        return failures;
    }
}
