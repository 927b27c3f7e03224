package io.weir.dataplane.worker;

/**
 * The places that flows have left, in the order they did. When they did is known no better than
 * that it was before the time of the next cycle, which is what counts: the worker may have slept,
 * or stood still, since the time of its last. Owned by the worker.
 */
final class LeftPlaces {
    private final int[] places;
    private final long[] leftAt;
    private int first;
    private int count;
    private int dated;

    /** Has room for so many. */
    LeftPlaces(int capacity) {
        places = new int[capacity];
        leftAt = new long[capacity];
    }

    void add(int place) {
        places[(first + count++) % places.length] = place;
    }

    /** A cycle begins: all that are there have been left by now. */
    void date(long nowMillis) {
        for (; dated < count; dated++) {
            leftAt[(first + dated) % places.length] = nowMillis;
        }
    }

    /** Whether one has been left since this time or longer. */
    boolean hasSince(long millis) {
        return dated > 0 && leftAt[first] <= millis;
    }

    /** The one that was left first. */
    int first() {
        return places[first];
    }

    /** Takes that one out, of which {@link #hasSince} has told. */
    int take() {
        int place = places[first];
        first = (first + 1) % places.length;
        count--;
        dated--;
        return place;
    }
}
