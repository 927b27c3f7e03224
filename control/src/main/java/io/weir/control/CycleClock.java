package io.weir.control;

import java.util.function.LongSupplier;

/**
 * The clock of one worker, which reads it once in each cycle. The reading is kept, so that who
 * measures cycles need not read a clock too. Owned by the worker's thread.
 */
final class CycleClock implements LongSupplier {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final LongSupplier nanoClock;
    private long nanos;

    /** Reads a clock of nanoseconds that never goes back. */
    CycleClock(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** The time in milliseconds. */
    @Override
    public long getAsLong() {
        nanos = nanoClock.getAsLong();
        return nanos / NANOS_PER_MILLI;
    }

    /** The time in nanoseconds. */
    long now() {
        return nanoClock.getAsLong();
    }

    /** When the cycle began, in nanoseconds. */
    long cycleBegan() {
        return nanos;
    }
}
