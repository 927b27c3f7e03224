package io.weir.dataplane.net.netlink;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.sys.EventDescriptor;

import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Neighbours that a worker wants resolved, on their way to the thread that asks the kernel. */
final class NeighbourRequests {
    private static final int CAPACITY = 1024;
    private static final int NTF_USE = 1;
    private static final int ATTRIBUTE_BYTES = 4;

    /** A neighbour to resolve or confirm. */
    record Request(int linkIndex, IpAddress address) {
        /**
         * The body of a NEW_NEIGHBOUR message that changes nothing but makes the kernel behave as
         * if it had a packet for the neighbour.
         */
        byte[] toBytes() {
            byte[] bytes = address.toBytes();
            ByteBuffer body =
                    ByteBuffer.allocate(
                                    RouteMessages.NEIGHBOUR_BYTES + ATTRIBUTE_BYTES + bytes.length)
                            .order(ByteOrder.nativeOrder());
            body.put(0, (byte) (address.ipv6() ? RouteMessages.AF_INET6 : RouteMessages.AF_INET));
            body.putInt(4, linkIndex);
            body.put(10, (byte) NTF_USE);
            body.putShort(RouteMessages.NEIGHBOUR_BYTES, (short) (ATTRIBUTE_BYTES + bytes.length));
            body.putShort(RouteMessages.NEIGHBOUR_BYTES + 2, (short) RouteMessages.NDA_DST);
            body.put(RouteMessages.NEIGHBOUR_BYTES + ATTRIBUTE_BYTES, bytes);
            return body.array();
        }
    }

    private final MpscVarHandleArrayQueue<Request> queue = new MpscVarHandleArrayQueue<>(CAPACITY);
    private final AtomicBoolean signalled = new AtomicBoolean();
    private final AtomicLong dropped = new AtomicLong();
    private final EventDescriptor event;

    NeighbourRequests(EventDescriptor event) {
        this.event = event;
    }

    /** Adds a request, from any thread; drops it if there are too many. */
    void add(int linkIndex, IpAddress address) {
        if (!queue.offer(new Request(linkIndex, address))) {
            dropped.incrementAndGet();
        } else if (!signalled.getAndSet(true)) {
            event.signal();
        }
    }

    /** Called before the queue is emptied: requests from now on signal again. */
    void acknowledge() {
        signalled.set(false);
    }

    @Nullable Request next() {
        return queue.poll();
    }

    long dropped() {
        return dropped.get();
    }
}
