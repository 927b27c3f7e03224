package io.weir.control.vrrp;

import io.weir.control.config.VrrpInstanceConfig;

import java.util.concurrent.TimeUnit;

/** The protocol's times, in nanoseconds. */
final class Timing {
    private static final int PRIORITIES = 256;
    private static final int INTERVALS_TO_DEATH = 3;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** For the way to the other routers and back, and for their being busy. */
    private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(100);

    /** No departure takes longer: the longest interval of version 3, and some. */
    static final long LONGEST_DEPARTURE_MILLIS = 42_000;

    private Timing() {}

    /**
     * Skew_Time: the higher its priority, the sooner a router takes over. RFC 3768 §6.1 counts it
     * in seconds whatever the interval is, RFC 9568 §6.1 in intervals.
     */
    static long skew(VrrpInstanceConfig config, long activeInterval) {
        long unit = config.version() == 2 ? SECOND : activeInterval;
        return (PRIORITIES - config.priority()) * unit / PRIORITIES;
    }

    /** Active_Down_Interval: so long must the active router be silent to be dead. */
    static long down(VrrpInstanceConfig config, long activeInterval) {
        return INTERVALS_TO_DEATH * activeInterval + skew(config, activeInterval);
    }

    /** Every other router that hears nothing for so long may have taken over. */
    static long presumedDead(long ownInterval) {
        return INTERVALS_TO_DEATH * ownInterval;
    }

    /** By then another router, whatever its priority, has taken over from one that has left. */
    static long departure(VrrpInstanceConfig config) {
        long longestSkew = config.version() == 2 ? SECOND : config.interval().toNanos();
        return longestSkew + SLACK;
    }
}
