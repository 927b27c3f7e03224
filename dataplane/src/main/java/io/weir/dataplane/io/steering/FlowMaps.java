package io.weir.dataplane.io.steering;

import io.weir.dataplane.offload.EventRing;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.offload.FlowTables;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.SystemCallException;

import java.util.List;

/**
 * The maps of the flows that the kernel forwards, of which each worker has a {@link FlowTable}.
 * Closed after the last use of these.
 */
final class FlowMaps implements AutoCloseable {
    private static final String PURPOSE = "let the kernel forward known flows";

    final long seed;
    final int bucketBits;
    private final MappedArray keys;
    private final MappedArray actions;
    private final MappedArray wide;
    private final MappedArray events;
    private final Descriptor found;
    private final List<FlowTable> tables;

    private FlowMaps(
            int bucketBits,
            long seed,
            int workers,
            MappedArray keys,
            MappedArray actions,
            MappedArray wide,
            MappedArray events,
            Descriptor found) {
        this.bucketBits = bucketBits;
        this.seed = seed;
        this.keys = keys;
        this.actions = actions;
        this.wide = wide;
        this.events = events;
        this.found = found;
        this.tables =
                FlowTables.of(
                        keys.address(),
                        actions.address(),
                        wide.address(),
                        events.address(),
                        workers,
                        bucketBits,
                        seed);
    }

    /**
     * Makes empty maps.
     *
     * @param bucketBits the logarithm of the number of buckets to the base 2
     * @param seed the hash's secret
     * @param workers how many share them
     * @throws SystemCallException without CAP_BPF, or if the kernel has no memory for them
     */
    static FlowMaps open(int bucketBits, long seed, int workers) throws SystemCallException {
        MappedArray keys = null;
        MappedArray actions = null;
        MappedArray wide = null;
        MappedArray events = null;
        try {
            int buckets = 1 << bucketBits;
            keys = MappedArray.open(FlowTable.WAYS * FlowTable.KEY_BYTES, buckets, PURPOSE);
            actions = MappedArray.open(FlowTable.ACTION_BYTES, FlowTable.WAYS * buckets, PURPOSE);
            int wideLines = (int) (FlowTable.wideBytes(bucketBits) / FlowTable.WIDE_BYTES);
            wide = MappedArray.open(FlowTable.WIDE_BYTES, wideLines, PURPOSE);
            events = MappedArray.open(EventRing.BYTES, workers, PURPOSE);
            Descriptor found =
                    Bpf.createMap(Bpf.MAP_PERCPU_ARRAY, Integer.BYTES, Long.BYTES, 1, 0, PURPOSE);
            return new FlowMaps(bucketBits, seed, workers, keys, actions, wide, events, found);
        } catch (SystemCallException e) {
            for (MappedArray map : new MappedArray[] {events, wide, actions, keys}) {
                if (map != null) {
                    map.close();
                }
            }
            throw e;
        }
    }

    /** Each worker's view of the flows. */
    List<FlowTable> tables() {
        return tables;
    }

    /** The descriptor of the array of buckets. */
    int keys() {
        return keys.number();
    }

    /** The descriptor of the array of actions. */
    int actions() {
        return actions.number();
    }

    /** The descriptor of the array of IPv6 addresses. */
    int wide() {
        return wide.number();
    }

    /** The descriptor of the array of the workers' rings of events. */
    int events() {
        return events.number();
    }

    /** The descriptor of what the packet socket's filter tells the program at the ingress. */
    int found() {
        return found.number();
    }

    @Override
    public void close() {
        found.close();
        events.close();
        wide.close();
        actions.close();
        keys.close();
    }
}
