package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * What lblc and lblcr remember: the servers of each destination address, most recently used first.
 *
 * <p>Bounded: a destination beyond {@link #LIMIT} takes the place of the one unused for longest.
 * Only a new destination allocates, and none once the table is full.
 */
final class DestinationTable {
    /** Destinations remembered at most; above it, LVS too begins to forget early. */
    static final int LIMIT = 16 * 1024;

    /** Destinations forgotten per {@link #housekeeping} at most. */
    static final int SWEPT_PER_CALL = 256;

    // LVS looks for expired destinations half-hourly, not at the moment of expiry.
    private static final long SWEEP_EVERY_MILLIS = 30 * 60 * 1000;

    private static final int BUCKET_BITS = 12;
    private static final long NEVER = Long.MIN_VALUE;

    private final @Nullable Entry[] buckets = new Entry[1 << BUCKET_BITS];
    // Clients choose destinations behind a firewall mark: without a secret they could fill one
    // bucket.
    private final long secret;
    // The ring of entries by last use; its own neighbours are the most and the least recent.
    private final Entry ring = new Entry();
    private int size;
    private long evictions;
    private long nextSweep = NEVER;
    private boolean sweeping;

    DestinationTable(long secret) {
        this.secret = secret;
    }

    /** One destination and its servers; the table owns it and may reuse it for another. */
    static final class Entry {
        private long high;
        private long low;
        private long lastUsed;
        private long lastModified;
        private int memberCount;
        private RealServer[] members = new RealServer[1];
        private @Nullable Entry inBucket;
        private Entry newer = this;
        private Entry older = this;

        int memberCount() {
            return memberCount;
        }

        /** The members, in the order in which they came. */
        RealServer member(int index) {
            return members[index];
        }

        /** When a member came or went last. */
        long lastModified() {
            return lastModified;
        }

        /** Adds a server, if it is not a member yet. */
        void add(RealServer server, long nowMillis) {
            for (int i = 0; i < memberCount; i++) {
                if (members[i] == server) {
                    return;
                }
            }
            if (memberCount == members.length) {
                members = Arrays.copyOf(members, 2 * memberCount);
            }
            members[memberCount++] = server;
            lastModified = nowMillis;
        }

        void remove(int index, long nowMillis) {
            memberCount--;
            System.arraycopy(members, index + 1, members, index, memberCount - index);
            Arrays.fill(members, memberCount, memberCount + 1, null);
            lastModified = nowMillis;
        }

        void set(RealServer server) {
            members[0] = server;
            memberCount = 1;
        }

        private void unlink() {
            newer.older = older;
            older.newer = newer;
        }

        private void linkAsNewest(Entry ring) {
            newer = ring;
            older = ring.older;
            older.newer = this;
            ring.older = this;
        }
    }

    int size() {
        return size;
    }

    /** How often a destination was forgotten for want of room. */
    long evictions() {
        return evictions;
    }

    /** The entry of the flow's virtual address, which counts as used now; null if there is none. */
    @Nullable Entry find(FlowKey flow, long nowMillis) {
        Entry entry = buckets[bucket(flow.virtualHigh(), flow.virtualLow())];
        while (entry != null
                && (entry.low != flow.virtualLow() || entry.high != flow.virtualHigh())) {
            entry = entry.inBucket;
        }
        if (entry != null) {
            entry.lastUsed = nowMillis;
            entry.unlink();
            entry.linkAsNewest(ring);
        }
        return entry;
    }

    /** Makes an entry with one server for an address that has none yet. */
    void put(FlowKey flow, RealServer server, long nowMillis) {
        Entry entry = size < LIMIT ? new Entry() : evict();
        int bucket = bucket(flow.virtualHigh(), flow.virtualLow());
        entry.high = flow.virtualHigh();
        entry.low = flow.virtualLow();
        entry.lastUsed = nowMillis;
        entry.lastModified = nowMillis;
        Arrays.fill(entry.members, null);
        entry.set(server);
        entry.inBucket = buckets[bucket];
        buckets[bucket] = entry;
        entry.linkAsNewest(ring);
        size++;
    }

    private Entry evict() {
        Entry oldest = ring.newer;
        forget(oldest);
        evictions++;
        return oldest;
    }

    private void forget(Entry entry) {
        int bucket = bucket(entry.high, entry.low);
        Entry before = buckets[bucket];
        if (before == entry) {
            buckets[bucket] = entry.inBucket;
        } else {
            while (before != null && before.inBucket != entry) {
                before = before.inBucket;
            }
            if (before != null) {
                before.inBucket = entry.inBucket;
            }
        }
        entry.unlink();
        size--;
    }

    private int bucket(long high, long low) {
        long mixed = (low ^ secret) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ mixed >>> 32 ^ high) * 0xD6E8FEB86659FD93L;
        return (int) (mixed >>> (Long.SIZE - BUCKET_BITS));
    }

    /**
     * Lets destinations refer to a server that came back as a new object. The old one's
     * destinations return to it, as their data is still in its caches (recorded:
     * sched-lblc-edit-1).
     */
    void replace(RealServer server) {
        for (Entry entry = ring.newer; entry != ring; entry = entry.newer) {
            for (int i = 0; i < entry.memberCount; i++) {
                if (entry.members[i].id().equals(server.id())) {
                    entry.members[i] = server;
                }
            }
        }
    }

    /**
     * Forgets destinations that have been unused for the given time, a few per call; every half
     * hour there is a sweep over all.
     */
    void housekeeping(long nowMillis, long expirationMillis) {
        if (nextSweep == NEVER) {
            nextSweep = nowMillis + SWEEP_EVERY_MILLIS;
        } else if (nowMillis >= nextSweep) {
            nextSweep = nowMillis + SWEEP_EVERY_MILLIS;
            sweeping = true;
        }
        for (int i = 0; sweeping && i < SWEPT_PER_CALL; i++) {
            Entry oldest = ring.newer;
            sweeping = oldest != ring && oldest.lastUsed + expirationMillis < nowMillis;
            if (sweeping) {
                forget(oldest);
            }
        }
    }
}
