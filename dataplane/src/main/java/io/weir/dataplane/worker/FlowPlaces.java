package io.weir.dataplane.worker;

import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whose flows the places of the kernel's table have: a direction of a connection each. A place that
 * a flow has left is known as that flow's until it is free. Another worker's places look free here.
 * Owned by the worker.
 */
final class FlowPlaces {
    /** No place. */
    static final int NONE = -1;

    /** Places that are passed over together if none of them is live. */
    static final int BLOCK = 256;

    private static final byte FREE = 0;
    private static final byte LIVE = 1;
    private static final byte LEAVING = 2;

    /** Live, and its connection had not opened when it was last heard of. */
    private static final byte OPENING = LIVE | 4;

    private final byte[] state;
    private final boolean[] reply;
    private final int[] connection;
    private final @Nullable RealServer[] server;

    private int liveCount;
    private int openingCount;

    /** How many places of each block are live. */
    private final short[] liveInBlock;

    /** In the order they left. */
    private final LeftPlaces leaving;

    private final AtomicInteger published = new AtomicInteger();

    FlowPlaces(int capacity) {
        state = new byte[capacity];
        reply = new boolean[capacity];
        connection = new int[capacity];
        server = new RealServer[capacity];
        liveInBlock = new short[(capacity + BLOCK - 1) / BLOCK];
        leaving = new LeftPlaces(capacity);
    }

    boolean isFree(int place) {
        return state[place] == FREE;
    }

    boolean isLive(int place) {
        return (state[place] & LIVE) != 0;
    }

    /** Whether it is the direction to the client. */
    boolean isReply(int place) {
        return reply[place];
    }

    /** Whether it is live and its connection had not opened when it was last heard of. */
    boolean isOpening(int place) {
        return state[place] == OPENING;
    }

    int openingCount() {
        return openingCount;
    }

    /** A live flow's connection is opening. */
    void opening(int place) {
        state[place] = OPENING;
        openingCount++;
    }

    /** It is so no longer. */
    void opened(int place) {
        if (state[place] == OPENING) {
            state[place] = LIVE;
            openingCount--;
        }
    }

    /** The slot of the connection; where the flow has left, another one may have it by now. */
    int connection(int place) {
        return connection[place];
    }

    /** The connection's server; null if the place is free. */
    @Nullable RealServer server(int place) {
        return server[place];
    }

    int capacity() {
        return state.length;
    }

    /** How many are live; any thread. */
    int published() {
        return published.get();
    }

    /** The first live place from this one on; {@link #NONE} if there is none. */
    int nextLive(int from) {
        int place = from;
        while (place < state.length) {
            if (place % BLOCK == 0 && liveInBlock[place / BLOCK] == 0) {
                place += BLOCK;
            } else if (isLive(place)) {
                return place;
            } else {
                place++;
            }
        }
        return NONE;
    }

    /** A flow comes to a free place. */
    void take(int place, int slot, RealServer real, boolean fromServer) {
        state[place] = LIVE;
        connection[place] = slot;
        server[place] = real;
        reply[place] = fromServer;
        liveInBlock[place / BLOCK]++;
        published.setRelease(++liveCount);
    }

    /** A live flow leaves. */
    void leave(int place) {
        opened(place);
        state[place] = LEAVING;
        liveInBlock[place / BLOCK]--;
        leaving.add(place);
        published.setRelease(--liveCount);
    }

    /** A cycle begins: flows that have left did so before. */
    void date(long nowMillis) {
        leaving.date(nowMillis);
    }

    /** Whether a flow left its place at this time or before, and it is not free yet. */
    boolean anyLeftBy(long millis) {
        return leaving.hasSince(millis);
    }

    /** The place that was left first. */
    int firstLeft() {
        return leaving.first();
    }

    /** Makes that place free. */
    void freeFirstLeft() {
        int place = leaving.take();
        state[place] = FREE;
        server[place] = null;
    }
}
