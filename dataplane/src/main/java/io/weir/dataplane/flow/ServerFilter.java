package io.weir.dataplane.flow;

/**
 * Knows of most addresses that no entry has them as its server's: a counting Bloom filter with one
 * hash function. So a packet that a client sent is not looked for as a server's reply, which would
 * cost a cache miss of its own.
 *
 * <p>Never denies an address that an entry has. Owned by the worker.
 */
final class ServerFilter {
    private static final int BITS = 15;

    private final int[] counts = new int[1 << BITS];

    // What is asked for each packet: 4 KiB, which stay in the first cache.
    private final long[] taken = new long[1 << (BITS - 6)];

    private static int bucket(int address) {
        return (address * 0x9E3779B1) >>> (Integer.SIZE - BITS);
    }

    /** An entry has a server of this address, or this digest. */
    void add(int address) {
        int bucket = bucket(address);
        counts[bucket]++;
        taken[bucket >>> 6] |= 1L << bucket;
    }

    /** Such an entry has gone. */
    void remove(int address) {
        int bucket = bucket(address);
        counts[bucket]--;
        if (counts[bucket] == 0) {
            taken[bucket >>> 6] &= ~(1L << bucket);
        }
    }

    boolean mayHave(int address) {
        int bucket = bucket(address);
        return (taken[bucket >>> 6] >>> bucket & 1) != 0;
    }
}
