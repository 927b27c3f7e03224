package io.weir.control.check;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Notices that its thread stood still, as it does when the process is stopped or the machine is
 * overwhelmed: {@link #look} is to be called every {@link #BEAT_MILLIS} and whenever somebody wants
 * to know. Pure; owned by one thread.
 */
final class StallWatch {
    static final long BEAT_MILLIS = 250;

    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier nanos;
    private long lastNanos;
    private long stalls;

    /**
     * Begins now.
     *
     * @param nanos the time, monotonic
     */
    StallWatch(LongSupplier nanos) {
        this.nanos = nanos;
        lastNanos = nanos.getAsLong();
    }

    /** How often the thread has stood still for a second or longer until now. */
    long look() {
        long now = nanos.getAsLong();
        if (now - lastNanos >= STALL_NANOS) {
            stalls++;
        }
        lastNanos = now;
        return stalls;
    }
}
