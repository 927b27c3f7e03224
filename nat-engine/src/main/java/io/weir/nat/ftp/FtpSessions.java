package io.weir.nat.ftp;

import io.weir.dataplane.flow.ConnectionTable;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * The sessions of control connections, by the connection's slot: chained hashing in arrays made
 * once. Owned by the worker.
 */
final class FtpSessions {
    private static final int NONE = ConnectionTable.NONE;

    private final FtpSession[] sessions;
    private final int[] buckets;
    private int free;
    private int size;

    /**
     * Makes room for sessions.
     *
     * @param capacity the most at one time, a power of two
     */
    FtpSessions(int capacity) {
        sessions = new FtpSession[capacity];
        buckets = new int[capacity * 2];
        Arrays.fill(buckets, NONE);
        for (int i = 0; i < capacity; i++) {
            sessions[i] = new FtpSession();
            sessions[i].setNext(i + 1 < capacity ? i + 1 : NONE);
        }
    }

    int size() {
        return size;
    }

    private int bucket(int slot) {
        return slot & (buckets.length - 1);
    }

    /** The session of a connection, or null. */
    @Nullable FtpSession find(int slot) {
        for (int i = buckets[bucket(slot)]; i != NONE; i = sessions[i].next()) {
            if (sessions[i].slot() == slot) {
                return sessions[i];
            }
        }
        return null;
    }

    /** The session of a connection, a new one if it has none yet; null if there are too many. */
    @Nullable FtpSession claim(int slot) {
        FtpSession present = find(slot);
        if (present != null || free == NONE) {
            return present;
        }
        int claimed = free;
        FtpSession session = sessions[claimed];
        free = session.next();
        session.begin(slot, buckets[bucket(slot)]);
        buckets[bucket(slot)] = claimed;
        size++;
        return session;
    }

    /** Forgets the session of a connection, if it has one. */
    void release(int slot) {
        int previous = NONE;
        for (int i = buckets[bucket(slot)]; i != NONE; i = sessions[i].next()) {
            FtpSession session = sessions[i];
            if (session.slot() == slot) {
                if (previous == NONE) {
                    buckets[bucket(slot)] = session.next();
                } else {
                    sessions[previous].setNext(session.next());
                }
                session.begin(NONE, free);
                free = i;
                size--;
                return;
            }
            previous = i;
        }
    }
}
