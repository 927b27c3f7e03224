package io.weir.dataplane.io.afpacket;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Mapping;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

/** Memory of one burst for the frames that are too large for a slot of the ring. */
final class SuperFrames implements AutoCloseable {
    /** Few, so that the same megabyte is used again while it is still in the cache. */
    private static final int CAPACITY = 16;

    /** Where the frame starts: as in the ring, its IP header begins a cache line. */
    private static final int FRAME_OFFSET = 114;

    /** Room for an Ethernet header and the longest IP packet, 64 KiB less one byte. */
    private static final int FRAME_BYTES = 14 + 65535;

    private static final int STRIDE_BYTES = 65728;

    private final Descriptor socket;
    private final Mapping memory;
    private int count;

    SuperFrames(Descriptor socket, String purpose) throws SystemCallException {
        this.socket = socket;
        this.memory = Mapping.anonymous((long) CAPACITY * STRIDE_BYTES, purpose);
    }

    boolean isFull() {
        return count == CAPACITY;
    }

    /**
     * Takes the next frame out of the socket's queue into the next place.
     *
     * @return the frame's bytes, or -1 if it is larger than any IPv4 packet or was not there
     */
    int fetch() {
        int length =
                Sockets.receive(
                        socket.number(),
                        place() - PacketPort.VNET_HEADER_BYTES,
                        PacketPort.VNET_HEADER_BYTES + FRAME_BYTES,
                        Sockets.MSG_DONTWAIT | Sockets.MSG_TRUNC);
        if (length < PacketPort.VNET_HEADER_BYTES
                || length > PacketPort.VNET_HEADER_BYTES + FRAME_BYTES) {
            return -1;
        }
        return length - PacketPort.VNET_HEADER_BYTES;
    }

    /** Keeps the frame just fetched until {@link #release}. */
    long keep() {
        long frame = place();
        count++;
        return frame;
    }

    private long place() {
        return memory.address() + (long) count * STRIDE_BYTES + FRAME_OFFSET;
    }

    void release() {
        count = 0;
    }

    @Override
    public void close() {
        memory.close();
    }
}
