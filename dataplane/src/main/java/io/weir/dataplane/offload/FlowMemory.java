package io.weir.dataplane.offload;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.util.List;

/**
 * A table of flows in this process' own memory, laid out as in the kernel's, for those who stand in
 * for the program that forwards them.
 */
public final class FlowMemory implements AutoCloseable {
    private final NativeBlock keys;
    private final NativeBlock actions;
    private final NativeBlock wide;
    private final NativeBlock events;
    private final List<FlowTable> tables;

    /**
     * Makes an empty table.
     *
     * @param bucketBits the logarithm of the number of buckets to the base 2, 3 to 20
     * @param seed the hash's secret
     * @param workers how many share it, up to 256
     */
    public FlowMemory(int bucketBits, long seed, int workers) {
        keys = new NativeBlock(FlowTable.keyBytes(bucketBits));
        actions = new NativeBlock(FlowTable.actionBytes(bucketBits));
        wide = new NativeBlock(FlowTable.wideBytes(bucketBits));
        events = new NativeBlock((long) workers * EventRing.BYTES);
        tables =
                FlowTables.of(
                        keys.address(),
                        actions.address(),
                        wide.address(),
                        events.address(),
                        workers,
                        bucketBits,
                        seed);
    }

    /** Each worker's view. */
    public List<FlowTable> tables() {
        return tables;
    }

    /** Where the key of a place is, {@value FlowTable#KEY_BYTES} bytes. */
    public long key(int place) {
        return keys.address() + (long) place * FlowTable.KEY_BYTES;
    }

    /** Where the action of a place is, {@value FlowTable#ACTION_BYTES} bytes. */
    public long action(int place) {
        return actions.address() + (long) place * FlowTable.ACTION_BYTES;
    }

    /** Where the IPv6 addresses of a place are, {@value FlowTable#WIDE_BYTES} bytes. */
    public long wide(int place) {
        return wide.address() + (long) place * FlowTable.WIDE_BYTES;
    }

    /** Counts packets of a flow, as the program does. */
    public void count(int place, int packets, long bytes) {
        long action = action(place);
        Memory.putNativeInt(
                action + FlowTable.PACKETS, Memory.nativeInt(action + FlowTable.PACKETS) + packets);
        Memory.putNativeLong(
                action + FlowTable.BYTES, Memory.nativeLong(action + FlowTable.BYTES) + bytes);
    }

    /** Frees the memory; nobody may use a view of it any more. */
    @Override
    public void close() {
        keys.close();
        actions.close();
        wide.close();
        events.close();
    }
}
