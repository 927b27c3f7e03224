package io.weir.dataplane.io.steering;

import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Mapping;
import io.weir.dataplane.sys.SystemCallException;

/**
 * The maps of the flows that the kernel forwards, two of which are mapped into this process as a
 * {@link FlowTable}. Closed after the last use of the table.
 */
final class FlowMaps implements AutoCloseable {
    private static final String PURPOSE = "let the kernel forward known flows";
    private static final long PAGE_BYTES = 4096;

    final long seed;
    final int bucketBits;
    private final Descriptor keys;
    private final Descriptor actions;
    private final Descriptor found;
    private final Mapping keyMemory;
    private final Mapping actionMemory;
    private final FlowTable table;

    private FlowMaps(
            int bucketBits,
            long seed,
            Descriptor keys,
            Descriptor actions,
            Descriptor found,
            Mapping keyMemory,
            Mapping actionMemory) {
        this.bucketBits = bucketBits;
        this.seed = seed;
        this.keys = keys;
        this.actions = actions;
        this.found = found;
        this.keyMemory = keyMemory;
        this.actionMemory = actionMemory;
        this.table = new FlowTable(keyMemory.address(), actionMemory.address(), bucketBits, seed);
    }

    /**
     * Makes empty maps.
     *
     * @param bucketBits the logarithm of the number of buckets to the base 2
     * @param seed the hash's secret
     * @throws SystemCallException without CAP_BPF, or if the kernel has no memory for them
     */
    static FlowMaps open(int bucketBits, long seed) throws SystemCallException {
        Descriptor keys = null;
        Descriptor actions = null;
        Descriptor found = null;
        Mapping keyMemory = null;
        try {
            keys = mappable(FlowTable.WAYS * FlowTable.KEY_BYTES, 1 << bucketBits);
            actions = mappable(FlowTable.ACTION_BYTES, FlowTable.WAYS << bucketBits);
            found = Bpf.createMap(Bpf.MAP_PERCPU_ARRAY, Integer.BYTES, Long.BYTES, 1, 0, PURPOSE);
            keyMemory = map(keys, FlowTable.keyBytes(bucketBits));
            Mapping actionMemory = map(actions, FlowTable.actionBytes(bucketBits));
            return new FlowMaps(bucketBits, seed, keys, actions, found, keyMemory, actionMemory);
        } catch (SystemCallException e) {
            if (keyMemory != null) {
                keyMemory.close();
            }
            for (Descriptor map : new Descriptor[] {found, actions, keys}) {
                if (map != null) {
                    map.close();
                }
            }
            throw e;
        }
    }

    private static Descriptor mappable(int valueBytes, int entries) throws SystemCallException {
        return Bpf.createMap(
                Bpf.MAP_ARRAY, Integer.BYTES, valueBytes, entries, Bpf.MAP_MAPPABLE, PURPOSE);
    }

    private static Mapping map(Descriptor map, long bytes) throws SystemCallException {
        long pages = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
        return Mapping.ofDescriptor(map.number(), pages * PAGE_BYTES, PURPOSE);
    }

    FlowTable table() {
        return table;
    }

    /** The descriptor of the array of buckets. */
    int keys() {
        return keys.number();
    }

    /** The descriptor of the array of actions. */
    int actions() {
        return actions.number();
    }

    /** The descriptor of what the packet socket's filter tells the program at the ingress. */
    int found() {
        return found.number();
    }

    @Override
    public void close() {
        keyMemory.close();
        actionMemory.close();
        found.close();
        actions.close();
        keys.close();
    }
}
