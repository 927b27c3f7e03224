package io.weir.dataplane.worker;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.offload.FlowTable;

/**
 * Goes through the live places of the kernel's flows, some at a time. Of these it reads a word of
 * each memory that will be needed first, so that the processor waits for all of them together. In
 * the order of places, so that their own memory is read ahead where many are live.
 *
 * <p>Owned by the worker.
 */
final class FlowBatch {
    /** As many at a time, at most. */
    static final int STEP = 256;

    private final FlowTable flows;
    private final FlowPlaces places;
    private final ConnectionTable table;
    private final int[] batch = new int[STEP];
    private int next;
    private int size;
    private int touched;

    FlowBatch(FlowTable flows, FlowPlaces places, ConnectionTable table) {
        this.flows = flows;
        this.places = places;
        this.table = table;
        this.next = places.capacity();
    }

    /** Goes back before the first place. */
    void restart() {
        next = 0;
    }

    /**
     * Goes on to places that are live, to be looked at before any of them is left.
     *
     * @param most how many, at least one and at most {@link #STEP}
     * @return whether there was one
     */
    boolean advance(int most) {
        size = 0;
        for (int at = places.nextLive(next);
                at != FlowPlaces.NONE && size < most;
                at = places.nextLive(at + 1)) {
            batch[size++] = at;
            next = at + 1;
        }
        int sum = 0;
        for (int i = 0; i < size; i++) {
            sum += flows.packets(batch[i]) + table.flags(places.connection(batch[i]));
        }
        touched += sum;
        if (size == 0) {
            next = places.capacity();
        }
        return size > 0;
    }

    /** The sum of what was read first; being readable keeps the reads in the program. */
    int touched() {
        return touched;
    }

    int size() {
        return size;
    }

    /** A place by its number in the batch. */
    int get(int index) {
        return batch[index];
    }
}
