package io.weir.control.warmup;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.offload.EventRing;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.offload.FlowTables;
import io.weir.dataplane.service.ServiceId;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Stands in for the programs that forward flows in the kernel: the worker hands flows over to it,
 * reads what it counts and hears of segments, but all packets still come to the worker.
 */
final class MadeUpKernel implements AutoCloseable {
    private static final int BUCKET_BITS = 8;
    private static final int LOOKS = 64;
    private static final int PACKET_BYTES = 100;

    /** What is told of segments of a connection's beginning and end. */
    private static final int[] TOLD = {
        MadeUpFrame.SYN | MadeUpFrame.ACK,
        MadeUpFrame.ACK,
        MadeUpFrame.ACK,
        MadeUpFrame.FIN | MadeUpFrame.ACK
    };

    private final NativeBlock keys = new NativeBlock(FlowTable.keyBytes(BUCKET_BITS));
    private final NativeBlock actions = new NativeBlock(FlowTable.actionBytes(BUCKET_BITS));
    private final NativeBlock wide = new NativeBlock(FlowTable.wideBytes(BUCKET_BITS));
    private final NativeBlock events = new NativeBlock(EventRing.BYTES);
    private final SplittableRandom random;
    private final List<FlowTable> flows;

    MadeUpKernel(SplittableRandom random) {
        this.random = random;
        flows =
                FlowTables.of(
                        keys.address(),
                        actions.address(),
                        wide.address(),
                        events.address(),
                        /* workers= */ 1,
                        BUCKET_BITS,
                        random.nextLong());
    }

    /** The view of the only worker. */
    List<FlowTable> flows() {
        return flows;
    }

    /** Says that packets of some flows have passed. */
    void pass() {
        FlowTable table = flows.getFirst();
        for (int i = 0; i < LOOKS; i++) {
            int place = random.nextInt(table.capacity());
            if (table.has(place) && (!isTcp(place) || tell(table.events(), place))) {
                count(place);
            }
        }
    }

    private boolean isTcp(int place) {
        int protocol = Memory.nativeInt(key(place) + FlowTable.KEY_PROTOCOL);
        return (protocol & ~FlowTable.KEY_IPV6) == ServiceId.TCP;
    }

    private boolean tell(EventRing ring, int place) {
        int ports = Integer.reverseBytes(Memory.nativeInt(key(place) + FlowTable.KEY_PORTS));
        return ring.put(place, TOLD[random.nextInt(TOLD.length)], ports);
    }

    private void count(int place) {
        long action = actions.address() + (long) place * FlowTable.ACTION_BYTES;
        long packets = action + FlowTable.PACKETS;
        long bytes = action + FlowTable.BYTES;
        Memory.putNativeInt(packets, Memory.nativeInt(packets) + 1);
        Memory.putNativeLong(bytes, Memory.nativeLong(bytes) + PACKET_BYTES);
    }

    private long key(int place) {
        return keys.address() + (long) place * FlowTable.KEY_BYTES;
    }

    /** After the balancer is closed. */
    @Override
    public void close() {
        keys.close();
        actions.close();
        wide.close();
        events.close();
    }
}
