package io.weir.dataplane.service;

import org.jspecify.annotations.Nullable;

/**
 * The net.ipv4.vs settings that have one value here and cannot be given another, with what an
 * operator is told who tries. Setting one to the value it has is no mistake, so that a file with
 * the kernel's defaults is accepted.
 */
public enum FixedSysctl {
    BACKUP_ONLY(
            "backup_only",
            "0",
            "a packet goes to its connection or service whatever daemon runs; take the virtual"
                    + " addresses away from a backup"),
    CONNTRACK(
            "conntrack",
            "0",
            "balanced packets do not pass the host's connection tracking, which cannot be told of"
                    + " them"),
    DEBUG_LEVEL("debug_level", "0", "there are no debug messages; see weir counters and the log"),
    EST_CPULIST("est_cpulist", "", Words.OWN_ESTIMATION),
    EST_NICE("est_nice", "0", Words.OWN_ESTIMATION);

    private static final class Words {
        static final String OWN_ESTIMATION =
                "rates are estimated by the thread that forwards, not by kernel threads";

        private Words() {}
    }

    private final String kernelName;
    private final String value;
    private final String reason;

    FixedSysctl(String kernelName, String value, String reason) {
        this.kernelName = kernelName;
        this.value = value;
        this.reason = reason;
    }

    public String kernelName() {
        return kernelName;
    }

    /** What it is, as /proc/sys shows it, but for the width of spaces. */
    public String value() {
        return value;
    }

    /** Why it has no other value: a clause to follow a colon. */
    public String reason() {
        return reason;
    }

    public static @Nullable FixedSysctl named(String kernelName) {
        for (FixedSysctl sysctl : values()) {
            if (sysctl.kernelName.equals(kernelName)) {
                return sysctl;
            }
        }
        return null;
    }
}
