package io.weir.dataplane.net;

/**
 * How long packets to a destination may be on the whole way, as ICMP has told (RFC 1191). Fewer
 * than the kernel's exceptions to routes, with its rules: what is learned only lowers what is
 * known, and is forgotten after ten minutes.
 *
 * <p>Remembers {@value #ENTRIES} destinations; when there is no room for one more, the one that
 * would be forgotten first makes room. An IPv4 address is mapped into IPv6 (RFC 4291 section
 * 2.5.5.2). Owned by the worker.
 */
public final class PathMtus {
    /** The most destinations. */
    static final int ENTRIES = 4096;

    /** How long something is remembered, as net.ipv4.route.mtu_expires. */
    static final long REMEMBERED_MILLIS = 600_000;

    /** No IPv4 path is believed to be narrower, as net.ipv4.route.min_pmtu. */
    static final int NARROWEST = 552;

    /** No IPv6 path is narrower (RFC 8201 section 4). */
    static final int NARROWEST_6 = 1280;

    /** The longest IP packet there is. */
    public static final int WIDEST = 65535;

    private static final long MAPPED = 0xffff;
    private static final int WAYS = 8;
    private static final int SETS = ENTRIES / WAYS;

    private final long[] high = new long[ENTRIES];
    private final long[] low = new long[ENTRIES];
    private final int[] learned = new int[ENTRIES];
    private final int[] inUse = new int[ENTRIES];
    private final long[] forgottenAt = new long[ENTRIES];
    private long allForgottenAt;

    /**
     * Takes what a router said.
     *
     * @param mtu the longest packet it can pass on, in bytes
     * @param linkMtu that of the link to the destination
     * @return false if another destination had to be forgotten early for this one
     */
    public boolean learn(long addressHigh, long addressLow, int mtu, int linkMtu, long nowMillis) {
        int known = find(addressHigh, addressLow, nowMillis);
        int before = known < 0 ? linkMtu : learned[known];
        if (mtu > before) {
            return true;
        }
        int entry = known < 0 ? place(addressHigh, addressLow) : known;
        boolean room = known >= 0 || forgottenAt[entry] <= nowMillis;
        if (known < 0) {
            high[entry] = addressHigh;
            low[entry] = addressLow;
            inUse[entry] = linkMtu;
        }
        learned[entry] = Math.max(mtu, Math.min(before, narrowest(addressHigh, addressLow)));
        forgottenAt[entry] = nowMillis + REMEMBERED_MILLIS;
        allForgottenAt = Math.max(allForgottenAt, forgottenAt[entry]);
        return room;
    }

    /** The low word of an IPv4 address; the high one is 0. */
    public static long mappedLow(int address) {
        return MAPPED << Integer.SIZE | Integer.toUnsignedLong(address);
    }

    private static int narrowest(long high, long low) {
        boolean ipv4 = high == 0 && low >>> Integer.SIZE == MAPPED;
        return ipv4 ? NARROWEST : NARROWEST_6;
    }

    /** Whether something is remembered of a destination. */
    public boolean knows(long addressHigh, long addressLow, long nowMillis) {
        return find(addressHigh, addressLow, nowMillis) >= 0;
    }

    /** The longest packet to a destination, for one about to be sent there. */
    public int forSending(long addressHigh, long addressLow, int linkMtu, long nowMillis) {
        int entry = find(addressHigh, addressLow, nowMillis);
        if (entry < 0) {
            return linkMtu;
        }
        inUse[entry] = learned[entry];
        return Math.min(linkMtu, learned[entry]);
    }

    /**
     * What the last packet to a destination was held to. The kernel answers a client by this, not
     * by what it has just learned (recorded: icmp-dr-2).
     */
    public int inUse(long addressHigh, long addressLow, int linkMtu, long nowMillis) {
        int entry = find(addressHigh, addressLow, nowMillis);
        return entry < 0 ? linkMtu : Math.min(linkMtu, inUse[entry]);
    }

    private int find(long addressHigh, long addressLow, long nowMillis) {
        if (nowMillis >= allForgottenAt) {
            return -1;
        }
        int first = set(addressHigh, addressLow);
        for (int entry = first; entry < first + WAYS; entry++) {
            if (low[entry] == addressLow
                    && high[entry] == addressHigh
                    && forgottenAt[entry] > nowMillis) {
                return entry;
            }
        }
        return -1;
    }

    // Entries never used are forgotten since the beginning.
    private int place(long addressHigh, long addressLow) {
        int first = set(addressHigh, addressLow);
        int oldest = first;
        for (int entry = first + 1; entry < first + WAYS; entry++) {
            if (forgottenAt[entry] < forgottenAt[oldest]) {
                oldest = entry;
            }
        }
        return oldest;
    }

    private static int set(long addressHigh, long addressLow) {
        long mixed = (addressHigh * 31 + addressLow) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 55) % SETS * WAYS;
    }
}
