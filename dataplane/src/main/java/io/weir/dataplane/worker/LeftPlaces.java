package io.weir.dataplane.worker;

/** The places that flows have left, in the order they did. Owned by the worker. */
final class LeftPlaces {
    private final int[] places;
    private final long[] leftAt;
    private int first;
    private int count;

    /** Has room for so many. */
    LeftPlaces(int capacity) {
        places = new int[capacity];
        leftAt = new long[capacity];
    }

    void add(int place, long nowMillis) {
        int at = (first + count++) % places.length;
        places[at] = place;
        leftAt[at] = nowMillis;
    }

    /** Whether one has been left since this time or longer. */
    boolean hasSince(long millis) {
        return count > 0 && leftAt[first] <= millis;
    }

    /** The one that was left first. */
    int first() {
        return places[first];
    }

    /** Takes that one out. */
    int take() {
        int place = places[first];
        first = (first + 1) % places.length;
        count--;
        return place;
    }
}
