package io.weir.dataplane.service;

import org.jspecify.annotations.Nullable;

/** The net.ipv4.vs settings that weir knows, by their kernel names, with the kernel's defaults. */
public enum Sysctl {
    AM_DROPRATE("am_droprate", 10, 1, Integer.MAX_VALUE),
    CACHE_BYPASS("cache_bypass", 0, 0, 1),
    CONN_REUSE_MODE("conn_reuse_mode", 1, 0, 3),
    DROP_ENTRY("drop_entry", 0, 0, 3),
    DROP_PACKET("drop_packet", 0, 0, 3),
    EXPIRE_NODEST_CONN("expire_nodest_conn", 0, 0, 1),
    EXPIRE_QUIESCENT_TEMPLATE("expire_quiescent_template", 0, 0, 1),
    LBLC_EXPIRATION("lblc_expiration", 86400, 0, Integer.MAX_VALUE / 1000),
    LBLCR_EXPIRATION("lblcr_expiration", 86400, 0, Integer.MAX_VALUE / 1000),
    NAT_ICMP_SEND("nat_icmp_send", 0, 0, 1),
    PMTU_DISC("pmtu_disc", 1, 0, 1),
    SCHEDULE_ICMP("schedule_icmp", 0, 0, 1),
    SECURE_TCP("secure_tcp", 0, 0, 3),
    SLOPPY_SCTP("sloppy_sctp", 0, 0, 1),
    SLOPPY_TCP("sloppy_tcp", 0, 0, 1);

    private final String kernelName;
    private final int defaultValue;
    private final int minimum;
    private final int maximum;

    Sysctl(String kernelName, int defaultValue, int minimum, int maximum) {
        this.kernelName = kernelName;
        this.defaultValue = defaultValue;
        this.minimum = minimum;
        this.maximum = maximum;
    }

    public String kernelName() {
        return kernelName;
    }

    public int defaultValue() {
        return defaultValue;
    }

    public boolean accepts(int value) {
        return value >= minimum && value <= maximum;
    }

    public static @Nullable Sysctl named(String kernelName) {
        for (Sysctl sysctl : values()) {
            if (sysctl.kernelName.equals(kernelName)) {
                return sysctl;
            }
        }
        return null;
    }
}
