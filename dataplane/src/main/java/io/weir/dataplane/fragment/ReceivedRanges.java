package io.weir.dataplane.fragment;

/**
 * Which bytes of each datagram have arrived, as runs in ascending order that do not touch each
 * other. Owned by the worker.
 */
final class ReceivedRanges {
    /** What adding a range found. */
    enum Outcome {
        ADDED,
        /** All of it was there. */
        DUPLICATE,
        /** A part of it was there. */
        OVERLAP
    }

    private final int mostRuns;
    private final int[] runs;
    private final int[] from;
    private final int[] to;

    /**
     * Makes room.
     *
     * @param datagrams how many datagrams
     * @param mostRuns the most ranges that are added to each
     */
    ReceivedRanges(int datagrams, int mostRuns) {
        this.mostRuns = mostRuns;
        runs = new int[datagrams];
        from = new int[datagrams * mostRuns];
        to = new int[datagrams * mostRuns];
    }

    /** Nothing has arrived of the datagram. */
    void clear(int datagram) {
        runs[datagram] = 0;
    }

    /** Notes that bytes {@code begin} to before {@code end} have arrived. */
    Outcome add(int datagram, int begin, int end) {
        int base = datagram * mostRuns;
        int after = base + runs[datagram];
        while (after > base && from[after - 1] >= end) {
            after--;
        }
        int before = after - 1;
        if (before >= base && to[before] > begin) {
            return from[before] <= begin && to[before] >= end ? Outcome.DUPLICATE : Outcome.OVERLAP;
        }
        boolean follows = before >= base && to[before] == begin;
        boolean precedes = after < base + runs[datagram] && from[after] == end;
        if (follows && precedes) {
            to[before] = to[after];
            remove(datagram, after);
        } else if (follows) {
            to[before] = end;
        } else if (precedes) {
            from[after] = begin;
        } else {
            insert(datagram, after, begin, end);
        }
        return Outcome.ADDED;
    }

    /** All bytes up to before {@code end} have arrived, and none beyond. */
    boolean complete(int datagram, int end) {
        int base = datagram * mostRuns;
        return runs[datagram] == 1 && from[base] == 0 && to[base] == end;
    }

    private void insert(int datagram, int at, int begin, int end) {
        int moved = datagram * mostRuns + runs[datagram] - at;
        System.arraycopy(from, at, from, at + 1, moved);
        System.arraycopy(to, at, to, at + 1, moved);
        from[at] = begin;
        to[at] = end;
        runs[datagram]++;
    }

    private void remove(int datagram, int at) {
        int moved = datagram * mostRuns + runs[datagram] - at - 1;
        System.arraycopy(from, at + 1, from, at, moved);
        System.arraycopy(to, at + 1, to, at, moved);
        runs[datagram]--;
    }
}
