package io.weir.dataplane.fragment;

import java.util.Arrays;

/**
 * The datagrams in progress: found by what names them, in the order they began, and counted by
 * source. Of fixed size; owned by the worker.
 *
 * <p>Sources are told apart by a hash with a secret. Two that fall together share what one may
 * have, and nobody can choose with whom.
 */
final class DatagramTable {
    /** No datagram. */
    static final int NONE = -1;

    private static final int SOURCES = 4096;
    private static final int KEY_LONGS = 5;

    private final long secretA;
    private final long secretB;
    private final int[] buckets;
    private final int[] chain;
    private final long[] keys;
    private final int[] source;
    private final int[] older;
    private final int[] newer;
    private int oldest = NONE;
    private int newest = NONE;
    private int free = NONE;
    private final int[] shares = new int[SOURCES];
    private final int[] arrivals = new int[SOURCES];

    DatagramTable(int datagrams, long seed) {
        secretA = seed * 0x9E3779B97F4A7C15L | 1;
        secretB = Long.rotateLeft(seed, 32) * 0xD1B54A32D192ED03L | 1;
        buckets = new int[Integer.highestOneBit(datagrams) * 4];
        chain = new int[datagrams];
        keys = new long[datagrams * KEY_LONGS];
        source = new int[datagrams];
        older = new int[datagrams];
        newer = new int[datagrams];
        Arrays.fill(buckets, NONE);
        for (int slot = datagrams - 1; slot >= 0; slot--) {
            release(slot);
        }
    }

    /** Finds the datagram that a fragment belongs to. */
    int find(Fragment fragment) {
        int slot = buckets[bucket(fragment)];
        while (slot != NONE && !names(slot, fragment)) {
            slot = chain[slot];
        }
        return slot;
    }

    private boolean names(int slot, Fragment fragment) {
        int key = slot * KEY_LONGS;
        return keys[key] == fragment.sourceHigh()
                && keys[key + 1] == fragment.sourceLow()
                && keys[key + 2] == fragment.destinationHigh()
                && keys[key + 3] == fragment.destinationLow()
                && keys[key + 4] == fragment.label();
    }

    boolean full() {
        return free == NONE;
    }

    /** Adds a datagram, the newest now; the caller has checked {@link #full}. */
    int add(Fragment fragment) {
        int slot = free;
        free = chain[slot];
        int key = slot * KEY_LONGS;
        keys[key] = fragment.sourceHigh();
        keys[key + 1] = fragment.sourceLow();
        keys[key + 2] = fragment.destinationHigh();
        keys[key + 3] = fragment.destinationLow();
        keys[key + 4] = fragment.label();
        int bucket = bucket(fragment);
        chain[slot] = buckets[bucket];
        buckets[bucket] = slot;
        source[slot] = source(fragment);
        shares[source[slot]]++;
        append(slot);
        return slot;
    }

    private void append(int slot) {
        older[slot] = newest;
        newer[slot] = NONE;
        if (newest == NONE) {
            oldest = slot;
        } else {
            newer[newest] = slot;
        }
        newest = slot;
    }

    /** Makes a datagram the newest. */
    void renew(int slot) {
        unlinkAge(slot);
        append(slot);
    }

    private void unlinkAge(int slot) {
        if (older[slot] == NONE) {
            oldest = newer[slot];
        } else {
            newer[older[slot]] = newer[slot];
        }
        if (newer[slot] == NONE) {
            newest = older[slot];
        } else {
            older[newer[slot]] = older[slot];
        }
    }

    /** Takes a datagram out; its slot is not used again before {@link #release}. */
    void remove(int slot) {
        unlinkAge(slot);
        shares[source[slot]]--;
        int bucket = bucketOfSlot(slot);
        if (buckets[bucket] == slot) {
            buckets[bucket] = chain[slot];
            return;
        }
        int before = buckets[bucket];
        while (chain[before] != slot) {
            before = chain[before];
        }
        chain[before] = chain[slot];
    }

    /** Makes the slot of a removed datagram free. */
    void release(int slot) {
        chain[slot] = free;
        free = slot;
    }

    /** The datagram that began first, or {@link #NONE}. */
    int oldest() {
        return oldest;
    }

    /** The datagram that began next after one that is there, or {@link #NONE}. */
    int newer(int slot) {
        return newer[slot];
    }

    /** The oldest of those from a source that has some. */
    int oldestOf(int number) {
        int slot = oldest;
        while (source[slot] != number) {
            slot = newer[slot];
        }
        return slot;
    }

    /** How many datagrams are in progress from a source. */
    int share(int number) {
        return shares[number];
    }

    /** Counts a fragment from a source; returns how many there were, modulo 2^32. */
    int arrived(int number) {
        return ++arrivals[number];
    }

    /** The number of a fragment's source. */
    int source(Fragment fragment) {
        return (int) (mix(fragment.sourceHigh(), fragment.sourceLow()) >>> 40) & (SOURCES - 1);
    }

    private int bucket(Fragment fragment) {
        return bucket(
                mix(fragment.sourceHigh(), fragment.sourceLow()),
                mix(fragment.destinationHigh(), fragment.destinationLow()),
                fragment.label());
    }

    private int bucketOfSlot(int slot) {
        int key = slot * KEY_LONGS;
        return bucket(
                mix(keys[key], keys[key + 1]), mix(keys[key + 2], keys[key + 3]), keys[key + 4]);
    }

    private int bucket(long from, long to, long label) {
        return (int) (mix(from ^ label, to) >>> 40) & (buckets.length - 1);
    }

    // The 128-bit product folded to 64 bits, twice; the same step as in the connection table.
    private long mix(long first, long second) {
        long a = first ^ secretA;
        long b = second ^ secretB;
        long folded = (a * b) ^ Math.multiplyHigh(a, b) ^ secretB;
        return (folded * secretA) ^ Math.multiplyHigh(folded, secretA);
    }
}
