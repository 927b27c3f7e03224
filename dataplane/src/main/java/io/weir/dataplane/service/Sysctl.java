package io.weir.dataplane.service;

import org.jspecify.annotations.Nullable;

/**
 * The net.ipv4.vs settings that have an effect here, by kernel name, with the kernel's defaults.
 */
public enum Sysctl {
    /** Of how many new connections drop_packet 3 refuses one. */
    AM_DROPRATE("am_droprate", 10, 0, Integer.MAX_VALUE),
    /**
     * How many entries of the connection table have to be free, or the automatic defences set in;
     * pages of memory in the kernel.
     */
    AMEMTHRESH("amemthresh", 1024, 0, Integer.MAX_VALUE),
    CACHE_BYPASS("cache_bypass", 0, 0, 1),
    CONN_REUSE_MODE("conn_reuse_mode", 1, 0, 3),
    DROP_ENTRY("drop_entry", 0, 0, 3),
    DROP_PACKET("drop_packet", 0, 0, 3),
    EXPIRE_NODEST_CONN("expire_nodest_conn", 0, 0, 1),
    EXPIRE_QUIESCENT_TEMPLATE("expire_quiescent_template", 0, 0, 1),
    /**
     * Whether what comes out of the host's own tunnels is never balanced. Packets are taken from
     * Ethernet interfaces alone, so it never is, whatever this says.
     */
    IGNORE_TUNNELED("ignore_tunneled", 0, 0, 1),
    LBLC_EXPIRATION("lblc_expiration", 86400, 0, Integer.MAX_VALUE / 1000),
    LBLCR_EXPIRATION("lblcr_expiration", 86400, 0, Integer.MAX_VALUE / 1000),
    NAT_ICMP_SEND("nat_icmp_send", 0, 0, 1),
    /** Whether a tunnel's outer packet has the DF bit of the inner one, or never. */
    PMTU_DISC("pmtu_disc", 1, 0, 1),
    RUN_ESTIMATION("run_estimation", 1, 0, 1),
    SCHEDULE_ICMP("schedule_icmp", 0, 0, 1),
    SECURE_TCP("secure_tcp", 0, 0, 3),
    SLOPPY_SCTP("sloppy_sctp", 0, 0, 1),
    SLOPPY_TCP("sloppy_tcp", 0, 0, 1),
    /**
     * Whether a reply's way follows from the virtual address it leaves with. Ways here follow from
     * destinations alone, so all that changes is the address that a reply records in IP options.
     */
    SNAT_REROUTE("snat_reroute", 1, 0, 1);

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

    /** What it may be set to, in words that follow its name. */
    String range() {
        return "takes a number from " + minimum + " to " + maximum;
    }

    /**
     * Why a setting cannot be given a value: the one place for the command, the API and files.
     *
     * @param kernelName its name below net.ipv4.vs
     * @param value what the operator wrote
     * @return a sentence with the setting's name, without a full stop; null if {@link #named} finds
     *     it and it accepts the value, or if it is a {@link FixedSysctl} that already has it
     */
    public static @Nullable String refusal(String kernelName, String value) {
        Sysctl sysctl = named(kernelName);
        if (sysctl != null) {
            Integer number = number(value);
            boolean accepted = number != null && sysctl.accepts(number);
            return accepted ? null : kernelName + " " + sysctl.range() + ", not " + value;
        }
        FixedSysctl fixed = FixedSysctl.named(kernelName);
        if (fixed == null) {
            return "there is no setting " + kernelName;
        }
        if (fixed.value().equals(value.trim().replace('\t', ' '))) {
            return null;
        }
        return kernelName + " stays " + fixed.value() + ": " + fixed.reason();
    }

    private static @Nullable Integer number(String text) {
        try {
            return Integer.valueOf(text.trim());
        } catch (NumberFormatException notNumber) {
            return null;
        }
    }
}
