package io.weir.dataplane.service;

/**
 * The settings of connection synchronisation for two balancers that are both weir, where a kernel's
 * values would lose the connections that are young or quiet when one of them fails.
 */
public final class PairSettings {
    /** A report leaves with the burst of packets that made it: what waited would die with us. */
    private static final int DELAY_MILLIS = 1;

    /**
     * A connection that lives on is reported again after this many seconds, so that the other
     * balancer does not forget it, or after half its timeout.
     */
    private static final int REFRESH_SECONDS = 60;

    private PairSettings() {}

    /** Sets each that has the kernel's value still; what an operator has set stays. */
    public static void applyTo(Sysctls sysctls) {
        set(sysctls, Sysctl.SYNC_ESTABLISHED, 1);
        set(sysctls, Sysctl.SYNC_DELAY, DELAY_MILLIS);
        set(sysctls, Sysctl.SYNC_RESYNC, 1);
        // Time decides instead of the number of packets, of which a download has thousands.
        set(sysctls, Sysctl.SYNC_THRESHOLD, Sysctl.pair(sysctls.syncThreshold(), 0));
        set(sysctls, Sysctl.SYNC_REFRESH_PERIOD, REFRESH_SECONDS);
    }

    private static void set(Sysctls sysctls, Sysctl sysctl, long value) {
        if (sysctls.value(sysctl) == sysctl.defaultValue()) {
            sysctls.set(sysctl, value);
        }
    }
}
