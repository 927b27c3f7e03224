package io.weir.dataplane.offload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes the workers' views of one table of flows. */
public final class FlowTables {
    private FlowTables() {}

    /**
     * Each worker's view of a table in zeroed memory.
     *
     * @param keys where the keys lie, {@link FlowTable#keyBytes}
     * @param actions where the actions lie, {@link FlowTable#actionBytes}
     * @param wide where IPv6 addresses lie, {@link FlowTable#wideBytes}
     * @param events where the rings lie side by side, {@link EventRing#BYTES} for each worker, by
     *     which the program tells of the segments of that worker's flows
     * @param workers how many, up to 256
     * @param bucketBits the logarithm of the number of buckets to the base 2, 3 to 20
     * @param seed the hash's secret
     */
    public static List<FlowTable> of(
            long keys,
            long actions,
            long wide,
            long events,
            int workers,
            int bucketBits,
            long seed) {
        List<FlowTable> views = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            EventRing ring = new EventRing(events + (long) worker * EventRing.BYTES);
            views.add(new FlowTable(keys, actions, wide, ring, worker, bucketBits, seed));
        }
        return Collections.unmodifiableList(views);
    }
}
