package io.weir.dataplane.service;

import org.jspecify.annotations.Nullable;

/**
 * The net.ipv4.vs settings that have an effect here, by kernel name, with the kernel's defaults;
 * those of weir's own say so.
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
    SNAT_REROUTE("snat_reroute", 1, 0, 1),
    /**
     * Weir's own: how many milliseconds after its first entry a message is sent that is not full; 0
     * for the kernel's two to three seconds.
     */
    SYNC_DELAY("sync_delay", 0, 0, 2_000),
    /**
     * Weir's own: whether a connection is reported as soon as it is established, not only when
     * {@link #SYNC_THRESHOLD} or {@link #SYNC_REFRESH_PERIOD} lets it.
     */
    SYNC_ESTABLISHED("sync_established", 0, 0, 1),
    /** Whether persistent connections are not reported, but their templates alone; 0 for both. */
    SYNC_PERSIST_MODE("sync_persist_mode", 0, Integer.MIN_VALUE, Integer.MAX_VALUE),
    /** To how many UDP ports a daemon sends or listens: a power of two, read when it starts. */
    SYNC_PORTS("sync_ports", 1, 1, 64),
    /** The most messages that wait to be sent; the kernel's default depends on its memory. */
    SYNC_QLEN_MAX("sync_qlen_max", 4_096, 0, Integer.MAX_VALUE),
    /**
     * By how many seconds a connection's end has to move before it is reported again; 0 for not by
     * time, less than that, as in the kernel, for far more than any timeout.
     */
    SYNC_REFRESH_PERIOD("sync_refresh_period", 0, Integer.MIN_VALUE, Integer.MAX_VALUE),
    /**
     * Weir's own: whether a backup daemon asks for all connections when it starts, and whether they
     * are sent to one that asks.
     */
    SYNC_RESYNC("sync_resync", 0, 0, 1),
    /** How often what {@link #SYNC_REFRESH_PERIOD} has reported is repeated. */
    SYNC_RETRIES("sync_retries", 0, 0, 3),
    /** The size of the daemons' socket buffers in bytes; 0 or less for the host's default. */
    SYNC_SOCK_SIZE("sync_sock_size", 0, Integer.MIN_VALUE, Integer.MAX_VALUE),
    /**
     * Two numbers, threshold and period: a connection is reported with the packets from its client
     * whose number modulo the period is the threshold; with period 0, with that packet alone.
     */
    SYNC_THRESHOLD("sync_threshold", pair(3, 50), 0, Integer.MAX_VALUE),
    /** The version of the protocol that is sent; both are understood. */
    SYNC_VERSION("sync_version", 1, 0, 1);

    /** What no setting can have. */
    public static final long NO_VALUE = Long.MIN_VALUE;

    private final String kernelName;
    private final long defaultValue;
    private final int minimum;
    private final int maximum;

    Sysctl(String kernelName, long defaultValue, int minimum, int maximum) {
        this.kernelName = kernelName;
        this.defaultValue = defaultValue;
        this.minimum = minimum;
        this.maximum = maximum;
    }

    /** The value of a setting that consists of two numbers. */
    public static long pair(int first, int second) {
        return ((long) first << 32) | second;
    }

    /** Whether its value is a {@link #pair} and not a number. */
    public boolean isPair() {
        return this == SYNC_THRESHOLD;
    }

    public String kernelName() {
        return kernelName;
    }

    public long defaultValue() {
        return defaultValue;
    }

    /** Whether it can have a value: a number, or a {@link #pair}. */
    public boolean accepts(long value) {
        return switch (this) {
            case SYNC_THRESHOLD -> acceptsThreshold((int) (value >>> 32), (int) value);
            case SYNC_PORTS -> inRange(value) && Long.bitCount(value) == 1;
            default -> inRange(value);
        };
    }

    // With a period no packet's number leaves a remainder as large as itself.
    private static boolean acceptsThreshold(int threshold, int period) {
        return threshold >= 0 && period >= 0 && (period == 0 || threshold < period);
    }

    private boolean inRange(long value) {
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
        return switch (this) {
            case SYNC_THRESHOLD ->
                    "takes two numbers, a threshold and a period that is 0 or more than it";
            case SYNC_PORTS -> "takes a power of two from 1 to 64";
            default -> "takes a number from " + minimum + " to " + maximum;
        };
    }

    /** A value as sysctl(8) shows it, but for the width of spaces. */
    public String text(long value) {
        return isPair() ? (value >>> 32) + " " + (int) value : Long.toString(value);
    }

    /** The value of a text; {@link #NO_VALUE} if it is none that the setting {@link #accepts}. */
    public long parse(String text) {
        long value = isPair() ? pair(text.trim()) : number(text.trim());
        return value != NO_VALUE && accepts(value) ? value : NO_VALUE;
    }

    // As in the kernel, a third number is not looked at (recorded: daemon-sysctls).
    private static long pair(String text) {
        int gap = endOfWord(text);
        long first = number(text.substring(0, gap));
        String rest = text.substring(gap).trim();
        long second = number(rest.substring(0, endOfWord(rest)));
        return first == NO_VALUE || second == NO_VALUE ? NO_VALUE : pair((int) first, (int) second);
    }

    private static int endOfWord(String text) {
        int end = 0;
        while (end < text.length() && text.charAt(end) > ' ') {
            end++;
        }
        return end;
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
            boolean accepted = sysctl.parse(value) != NO_VALUE;
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

    private static long number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException notNumber) {
            return NO_VALUE;
        }
    }
}
