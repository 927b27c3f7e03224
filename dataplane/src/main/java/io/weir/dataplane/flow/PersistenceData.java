package io.weir.dataplane.flow;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.spi.PersistenceEngine;
import io.weir.dataplane.spi.PersistenceKey;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * What persistence engines know clients by, off-heap and each kept once. A template holds the
 * number of its key, so that it is compared and hashed as quickly as one without an engine.
 *
 * <p>The memory, 272 bytes for each key, is there only once a service has an engine. A key lives as
 * long as templates refer to it.
 *
 * <p>The worker alone writes. Other threads may read a key whose number they found in a
 * connection's line, if they look afterwards whether the line is still the same version: a line
 * goes before its key does.
 */
public final class PersistenceData implements AutoCloseable {
    /** No such key. */
    public static final int NONE = -1;

    private static final int LENGTH = 0;
    private static final int KEY = 1;
    private static final int RECORD_BYTES = KEY + PersistenceKey.MAX_BYTES;

    private final int capacity;
    private final FlowHash hash;
    private @Nullable NativeBlock block;
    private long base;
    private @Nullable PersistenceEngine[] engines = {};
    private int[] references = {};
    private int[] buckets = {};
    // The next key of the same bucket, or the next free number.
    private int[] next = {};
    private int free = NONE;
    private int size;

    /**
     * Makes an empty store without memory.
     *
     * @param capacity the most keys it takes
     * @param seed the hash's secret: strangers choose the keys
     */
    public PersistenceData(int capacity, long seed) {
        this.capacity = capacity;
        this.hash = new FlowHash(seed);
    }

    /** Allocates the memory, if that was not done yet. */
    public void prepare() {
        if (block != null) {
            return;
        }
        NativeBlock made = new NativeBlock((long) capacity * RECORD_BYTES);
        block = made;
        base = made.address();
        engines = new PersistenceEngine[capacity];
        references = new int[capacity];
        buckets = new int[Integer.highestOneBit(capacity) << 1];
        Arrays.fill(buckets, NONE);
        next = new int[capacity];
        for (int i = 0; i < capacity; i++) {
            next[i] = i + 1 < capacity ? i + 1 : NONE;
        }
        free = 0;
    }

    public int capacity() {
        return capacity;
    }

    public int size() {
        return size;
    }

    /** The number of a key, or {@link #NONE}. Only after {@link #prepare}. */
    public int find(PersistenceEngine engine, PersistenceKey key) {
        int number = buckets[bucket(key.address(), key.bytes())];
        while (number != NONE && !matches(number, engine, key)) {
            number = next[number];
        }
        return number;
    }

    /**
     * Refers to a key once more. Only after {@link #prepare}.
     *
     * @return its number; {@link #NONE} if it is new and there is no room
     */
    public int retain(PersistenceEngine engine, PersistenceKey key) {
        int number = find(engine, key);
        if (number == NONE) {
            number = add(engine, key);
        }
        if (number != NONE) {
            references[number]++;
        }
        return number;
    }

    private int add(PersistenceEngine engine, PersistenceKey key) {
        int number = free;
        if (number == NONE) {
            return NONE;
        }
        free = next[number];
        long record = record(number);
        Memory.putU8(record + LENGTH, key.bytes());
        Memory.copy(key.address(), record + KEY, key.bytes());
        engines[number] = engine;
        references[number] = 0;
        int bucket = bucket(key.address(), key.bytes());
        next[number] = buckets[bucket];
        buckets[bucket] = number;
        size++;
        return number;
    }

    /** Refers to a key once less; the last to do so removes it. */
    public void release(int number) {
        if (--references[number] > 0) {
            return;
        }
        long record = record(number);
        int bucket = bucket(record + KEY, Memory.u8(record + LENGTH));
        if (buckets[bucket] == number) {
            buckets[bucket] = next[number];
        } else {
            int before = buckets[bucket];
            while (next[before] != number) {
                before = next[before];
            }
            next[before] = next[number];
        }
        next[number] = free;
        free = number;
        size--;
    }

    /** The engine that found a key; null only for a reader that came too early. */
    public @Nullable PersistenceEngine engine(int number) {
        @Nullable PersistenceEngine[] known = engines;
        return number < known.length ? known[number] : null;
    }

    /**
     * Copies a key into an array of at least 255 bytes; only for the worker. Returns its length.
     */
    public int copy(int number, byte[] into) {
        long record = record(number);
        int bytes = Memory.u8(record + LENGTH);
        Memory.copyOut(record + KEY, into, 0, bytes);
        return bytes;
    }

    /** A copy of a key; of the wrong one, or empty, for a reader that came too early or late. */
    byte[] bytes(int number) {
        long records = base;
        if (records == 0) {
            return new byte[0];
        }
        long record = records + (long) number * RECORD_BYTES;
        return Memory.bytes(record + KEY, Memory.u8(record + LENGTH));
    }

    private boolean matches(int number, PersistenceEngine engine, PersistenceKey key) {
        long record = record(number);
        int bytes = key.bytes();
        if (!engine.equals(engines[number]) || Memory.u8(record + LENGTH) != bytes) {
            return false;
        }
        for (int i = 0; i < bytes; i++) {
            if (Memory.u8(record + KEY + i) != Memory.u8(key.address() + i)) {
                return false;
            }
        }
        return true;
    }

    private int bucket(long key, int bytes) {
        return (int) hash.of(key, bytes) & buckets.length - 1;
    }

    private long record(int number) {
        return base + (long) number * RECORD_BYTES;
    }

    @Override
    public void close() {
        if (block != null) {
            block.close();
        }
    }
}
