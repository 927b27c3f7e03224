package io.weir.dataplane.director;

import org.jspecify.annotations.Nullable;

/**
 * Values by address, port and protocol of either family, or by mark: open addressing, at most a
 * quarter full, built once and only read from then on. Allocates nothing when read.
 *
 * @param <V> what is found
 */
final class EndpointIndex<V> {
    private static final long IPV6 = 1L << 40;
    private static final long MARK = 1L << 41;

    private final long[] highs;
    private final long[] lows;
    private final long[] rests;
    private final @Nullable Object[] values;

    /** An empty index with room for so many values. */
    EndpointIndex(int size) {
        int length = Integer.highestOneBit(Math.max(16, size * 4 + 3));
        highs = new long[length];
        lows = new long[length];
        rests = new long[length];
        values = new Object[length];
    }

    /** The third part of an endpoint's key; the first two are the address. */
    static long rest(boolean ipv6, int protocol, int port) {
        return (ipv6 ? IPV6 : 0) | (long) port << 8 | protocol;
    }

    /** The third part of a mark's key; the first two are 0. */
    static long restOfMark(boolean ipv6, int mark) {
        return (ipv6 ? IPV6 | MARK : MARK) | (mark & 0xffffffffL);
    }

    private int slot(long high, long low, long rest) {
        long mixed = low * 0x9E3779B97F4A7C15L ^ high * 0xC2B2AE3D27D4EB4FL;
        mixed = (mixed ^ mixed >>> 29 ^ rest) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 40) & (values.length - 1);
    }

    /** Adds a value; one with the same key, if there is any, stays in front of it. */
    void put(long high, long low, long rest, V value) {
        int at = slot(high, low, rest);
        while (values[at] != null) {
            at = (at + 1) & (values.length - 1);
        }
        highs[at] = high;
        lows[at] = low;
        rests[at] = rest;
        values[at] = value;
    }

    /** The value of a key, or null. */
    @SuppressWarnings("unchecked") // nothing but put writes values
    @Nullable V get(long high, long low, long rest) {
        int at = slot(high, low, rest);
        for (Object value = values[at]; value != null; value = values[at]) {
            if (lows[at] == low && highs[at] == high && rests[at] == rest) {
                return (V) value;
            }
            at = (at + 1) & (values.length - 1);
        }
        return null;
    }
}
