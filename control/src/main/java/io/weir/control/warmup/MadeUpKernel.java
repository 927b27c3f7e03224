package io.weir.control.warmup;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.offload.EventRing;
import io.weir.dataplane.offload.FlowMemory;
import io.weir.dataplane.offload.FlowTable;
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

    private final SplittableRandom random;
    private final FlowMemory memory;

    MadeUpKernel(SplittableRandom random) {
        this.random = random;
        memory = new FlowMemory(BUCKET_BITS, random.nextLong(), /* workers= */ 1);
    }

    /** The view of the only worker. */
    List<FlowTable> flows() {
        return memory.tables();
    }

    /** Says that packets of some flows have passed. */
    void pass() {
        FlowTable table = flows().getFirst();
        for (int i = 0; i < LOOKS; i++) {
            int place = random.nextInt(table.capacity());
            if (table.has(place) && (!isTcp(place) || tell(table.events(), place))) {
                memory.count(place, 1, PACKET_BYTES);
            }
        }
    }

    private boolean isTcp(int place) {
        int protocol = Memory.nativeInt(memory.key(place) + FlowTable.KEY_PROTOCOL);
        return (protocol & ~FlowTable.KEY_IPV6) == ServiceId.TCP;
    }

    private boolean tell(EventRing ring, int place) {
        int ports = Integer.reverseBytes(Memory.nativeInt(memory.key(place) + FlowTable.KEY_PORTS));
        return ring.put(place, TOLD[random.nextInt(TOLD.length)], ports);
    }

    /** After the balancer is closed. */
    @Override
    public void close() {
        memory.close();
    }
}
