package io.weir.dataplane.director;

import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.spi.PersistenceEngine;
import io.weir.dataplane.spi.PersistenceKey;
import io.weir.dataplane.spi.SchedulerCatalog;
import io.weir.dataplane.sync.SyncEntry;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What an entry says of a persistence engine, as the templates' store wants it: native memory and
 * the engine itself. Owned by the worker.
 */
final class SyncedKeys implements AutoCloseable {
    private final SchedulerCatalog catalog;
    private final PersistenceKey key = new PersistenceKey();
    private @Nullable NativeBlock block;
    private byte[] lastName = {};
    private @Nullable PersistenceEngine lastEngine;
    private @Nullable PersistenceEngine engine;

    SyncedKeys(SchedulerCatalog catalog) {
        this.catalog = catalog;
    }

    /**
     * Takes an entry's engine.
     *
     * @return false if it has data of an engine that is not known here
     */
    boolean set(SyncEntry entry) {
        engine = null;
        if (entry.engineDataLength == 0) {
            // A name alone says nothing (recorded: inject-options).
            return true;
        }
        engine = engine(entry);
        if (engine == null) {
            return false;
        }
        if (block == null) {
            block = new NativeBlock(SyncEntry.MAX_ENGINE_DATA);
        }
        long address = block.address();
        for (int i = 0; i < entry.engineDataLength; i++) {
            Memory.putU8(address + i, entry.engineData[i]);
        }
        key.set(address, entry.engineDataLength);
        return true;
    }

    private @Nullable PersistenceEngine engine(SyncEntry entry) {
        // A zero ends it (recorded: inject-options).
        int length = 0;
        while (length < entry.engineNameLength && entry.engineName[length] != 0) {
            length++;
        }
        if (!Arrays.equals(entry.engineName, 0, length, lastName, 0, lastName.length)) {
            lastName = Arrays.copyOf(entry.engineName, length);
            lastEngine =
                    catalog.persistenceEngine(new String(lastName, StandardCharsets.ISO_8859_1));
        }
        return lastEngine;
    }

    /** Whether the entry has data of an engine. */
    boolean present() {
        return engine != null;
    }

    /** The number of the entry's key, or {@link PersistenceData#NONE}. */
    int find(PersistenceData data) {
        PersistenceEngine known = engine;
        if (known == null) {
            return PersistenceData.NONE;
        }
        data.prepare();
        return data.find(known, key);
    }

    /** Refers to the entry's key once more; {@link PersistenceData#NONE} if there is no room. */
    int retain(PersistenceData data) {
        PersistenceEngine known = engine;
        if (known == null) {
            return PersistenceData.NONE;
        }
        data.prepare();
        return data.retain(known, key);
    }

    @Override
    public void close() {
        if (block != null) {
            block.close();
        }
    }
}
