package io.weir.dataplane.service;

/**
 * Rates as the kernel shows them: a sample every two seconds, of which a quarter enters the
 * average.
 *
 * <p>Rates are kept as fixed-point numbers and rounded up when read, so a trickle shows as 1 and
 * not as 0 (recorded: ipvsadm -L --rate). Owned by the worker; readers of other threads see the
 * values of some sample of late.
 */
public final class RateEstimator {
    /** Time between samples. */
    public static final long PERIOD_MILLIS = 2000;

    private static final int PERIOD_SECONDS_SHIFT = 1;
    private static final int COUNT_SHIFT = 10;
    private static final int BYTE_SHIFT = 5;
    private static final int WEIGHT_SHIFT = 2;

    private static final int FIELDS = 5;
    private final long[] last = new long[FIELDS];
    private final long[] average = new long[FIELDS];

    void sample(long connections, long inPackets, long outPackets, long inBytes, long outBytes) {
        update(0, connections, COUNT_SHIFT);
        update(1, inPackets, COUNT_SHIFT);
        update(2, outPackets, COUNT_SHIFT);
        update(3, inBytes, BYTE_SHIFT);
        update(4, outBytes, BYTE_SHIFT);
    }

    private void update(int field, long value, int shift) {
        long rate = (value - last[field]) << (shift - PERIOD_SECONDS_SHIFT);
        last[field] = value;
        average[field] += (rate - average[field]) >> WEIGHT_SHIFT;
    }

    void reset(long connections, long inPackets, long outPackets, long inBytes, long outBytes) {
        last[0] = connections;
        last[1] = inPackets;
        last[2] = outPackets;
        last[3] = inBytes;
        last[4] = outBytes;
        java.util.Arrays.fill(average, 0);
    }

    private long rounded(int field, int shift) {
        return (average[field] + (1L << shift) - 1) >> shift;
    }

    long connectionRate() {
        return rounded(0, COUNT_SHIFT);
    }

    long inPacketRate() {
        return rounded(1, COUNT_SHIFT);
    }

    long outPacketRate() {
        return rounded(2, COUNT_SHIFT);
    }

    long inByteRate() {
        return rounded(3, BYTE_SHIFT);
    }

    long outByteRate() {
        return rounded(4, BYTE_SHIFT);
    }
}
