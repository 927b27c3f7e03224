package io.weir.dataplane.service;

import org.jspecify.annotations.Nullable;

/**
 * The net.ipv4.vs settings that have an effect here, by kernel name, with the kernel's defaults.
 */
public enum Sysctl {
    CONN_REUSE_MODE("conn_reuse_mode", 1, 0, 3),
    EXPIRE_NODEST_CONN("expire_nodest_conn", 0, 0, 1),
    EXPIRE_QUIESCENT_TEMPLATE("expire_quiescent_template", 0, 0, 1),
    LBLC_EXPIRATION("lblc_expiration", 86400, 0, Integer.MAX_VALUE / 1000),
    LBLCR_EXPIRATION("lblcr_expiration", 86400, 0, Integer.MAX_VALUE / 1000),
    NAT_ICMP_SEND("nat_icmp_send", 0, 0, 1),
    /** Off or always on; the automatic modes 1 and 2 are refused, as memory here never runs low. */
    SECURE_TCP("secure_tcp", 0, 0, 3) {
        @Override
        public boolean accepts(int value) {
            return value == 0 || value == 3;
        }
    },
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
