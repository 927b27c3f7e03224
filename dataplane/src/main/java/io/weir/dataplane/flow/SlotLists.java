package io.weir.dataplane.flow;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.util.Arrays;

/**
 * Lists of the table's entries, each entry in at most one of them: slot numbers in chunks of one
 * cache line, the newest first.
 *
 * <p>Unlike lists that are linked through the entries, these touch no neighbour's line when an
 * entry comes or goes, and say ahead which lines will be wanted, so that their cache misses
 * overlap. An entry knows its place, and what leaves a list from its middle has its place filled by
 * the newest: so there are never more chunks than full ones for all entries and one for each list.
 *
 * <pre>
 * 0 the next older chunk of the list   1 the list   2 to 15 slots, from the oldest on
 * </pre>
 *
 * <p>Owned by the worker.
 */
final class SlotLists implements AutoCloseable {
    private static final int NONE = ConnectionTable.NONE;

    private static final int CHUNK_BITS = 4;
    private static final int CHUNK = 1 << CHUNK_BITS;
    private static final int LIST = 1;
    private static final int FIRST = 2;
    private static final int LAST = CHUNK - 1;
    private static final int CELLS = CHUNK - FIRST;

    private final ConnectionTable table;
    private final NativeBlock block;
    private final long base;

    /** The place of each list's newest entry, or NONE. */
    private final int[] newest;

    private int made;
    private int free = NONE;
    private int touched;

    /** Makes so many empty lists for the entries of a table. */
    SlotLists(ConnectionTable table, int lists) {
        this.table = table;
        long chunks = (long) table.capacity() / CELLS + lists + 1;
        this.block = new NativeBlock(chunks * CHUNK * Integer.BYTES);
        this.base = block.address();
        this.newest = new int[lists];
        Arrays.fill(newest, NONE);
    }

    private int get(int place) {
        return Memory.nativeInt(base + (long) place * Integer.BYTES);
    }

    private void put(int place, int value) {
        Memory.putNativeInt(base + (long) place * Integer.BYTES, value);
    }

    boolean isEmpty(int list) {
        return newest[list] == NONE;
    }

    /** Adds an entry that is in no list. */
    void push(int list, int slot) {
        int before = newest[list];
        int place = before + 1;
        if (before == NONE || (before & LAST) == LAST) {
            int chunk = take();
            put(chunk, before);
            put(chunk + LIST, list);
            place = chunk + FIRST;
        }
        put(place, slot);
        newest[list] = place;
        table.setPlace(slot, place);
    }

    /** Takes the newest entry out of a list that has one. */
    int pop(int list) {
        int place = newest[list];
        int slot = get(place);
        if ((place & LAST) == FIRST) {
            int chunk = place - FIRST;
            newest[list] = get(chunk);
            give(chunk);
        } else {
            newest[list] = place - 1;
        }
        return slot;
    }

    /** Takes an entry out of its list. */
    void remove(int slot) {
        int place = table.place(slot);
        int moved = pop(get((place & -CHUNK) + LIST));
        if (moved != slot) {
            put(place, moved);
            table.setPlace(moved, place);
        }
    }

    /**
     * Starts loading the lines of a list's newest entries, as many as lie in one chunk, and those
     * that their removal changes.
     *
     * @return how many
     */
    int touchNewest(int list) {
        int place = newest[list];
        int oldest = (place & -CHUNK) + FIRST;
        int sum = 0;
        for (int at = place; at >= oldest; at--) {
            sum += table.flags(get(at));
        }
        for (int at = place; at >= oldest; at--) {
            sum += table.touchHome(get(at));
        }
        touched += sum;
        return place - oldest + 1;
    }

    /** The sum of what was loaded ahead; being readable keeps the loads in the program. */
    int touched() {
        return touched;
    }

    // The place where a chunk that nobody has begins; those that were given back come first.
    private int take() {
        if (free == NONE) {
            return made++ << CHUNK_BITS;
        }
        int chunk = free;
        free = get(chunk);
        return chunk;
    }

    private void give(int chunk) {
        put(chunk, free);
        free = chunk;
    }

    /** How many chunks are or were in use. */
    int chunksMade() {
        return made;
    }

    @Override
    public void close() {
        block.close();
    }
}
