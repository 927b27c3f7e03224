package io.weir.dataplane.io.afpacket;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

/**
 * The way to the host's own network stack: frames sent here come back to the host as if they had
 * arrived on its loopback interface. Nothing is received. Owned by the worker.
 */
public final class LoopbackPort implements PacketPort {
    private static final String INTERFACE = "lo";

    private final int linkIndex;
    private final TransmitQueue queue;
    private long sentFrames;
    private long sentBytes;
    private long refusedFrames;

    private LoopbackPort(int linkIndex, TransmitQueue queue) {
        this.linkIndex = linkIndex;
        this.queue = queue;
    }

    /**
     * Opens the way in the calling thread's network namespace.
     *
     * @throws SystemCallException without CAP_NET_RAW
     */
    public static LoopbackPort open() throws SystemCallException {
        String purpose = "open a way to the host's own stack";
        int index = Sockets.interfaceIndex(INTERFACE, purpose);
        return new LoopbackPort(index, TransmitQueue.open(index, purpose));
    }

    @Override
    public String name() {
        return INTERFACE;
    }

    @Override
    public int linkIndex() {
        return linkIndex;
    }

    @Override
    public int receive(PacketBurst burst) {
        return 0;
    }

    @Override
    public boolean transmit(long address, int length, long vnetHeader) {
        return queue.add(address, length, vnetHeader);
    }

    @Override
    public void flush() {
        if (!queue.isEmpty()) {
            queue.flush();
            sentFrames += queue.takeSentFrames();
            sentBytes += queue.takeSentBytes();
            refusedFrames += queue.takeRefused();
        }
    }

    @Override
    public void release() {
        // Nothing was received.
    }

    @Override
    public int[] pollDescriptors() {
        return new int[] {-1};
    }

    @Override
    public PortStatistics statistics() {
        return new PortStatistics(0, 0, 0, 0, sentFrames, sentBytes, refusedFrames);
    }

    @Override
    public void close() {
        queue.close();
    }
}
