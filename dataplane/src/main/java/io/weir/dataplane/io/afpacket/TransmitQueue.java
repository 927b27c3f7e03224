package io.weir.dataplane.io.afpacket;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

/**
 * The sending half of a port: an array of messages that point at frames wherever they lie, handed
 * to the kernel by one sendmmsg(2) for each flush.
 */
final class TransmitQueue implements AutoCloseable {
    /** A burst, and as many frames again that the worker makes itself or had kept back. */
    static final int CAPACITY = 256;

    /** Frames under way in the peer of a veth stay on our account until it has taken them. */
    private static final int SEND_BUFFER_BYTES = 16 << 20;

    /** How often a flush asks again when the device's queue is full, some 0.1 ms altogether. */
    private static final int RETRIES = 64;

    /** Each message has two vectors of its own: virtio header and frame, or both in one. */
    private static final int VECTORS_BYTES = 2 * Sockets.VECTOR_BYTES;

    private final Descriptor socket;
    private final NativeBlock memory;
    private final long messages;
    private final long vectors;
    private final long plainHeader;
    private int queued;
    private long sentFrames;
    private long sentBytes;
    private long refused;

    private TransmitQueue(Descriptor socket) {
        this.socket = socket;
        int messagesBytes = CAPACITY * Sockets.MESSAGE_BYTES;
        int allVectorsBytes = CAPACITY * VECTORS_BYTES;
        memory =
                new NativeBlock(
                        (long) messagesBytes + allVectorsBytes + PacketPort.VNET_HEADER_BYTES);
        messages = memory.address();
        vectors = messages + messagesBytes;
        plainHeader = vectors + allVectorsBytes;
        for (int i = 0; i < CAPACITY; i++) {
            Memory.putNativeLong(
                    message(i) + Sockets.MESSAGE_VECTORS_OFFSET,
                    vectors + (long) i * VECTORS_BYTES);
        }
    }

    /** Opens a socket that only sends. */
    static TransmitQueue open(int interfaceIndex, String purpose) throws SystemCallException {
        Descriptor socket = PacketSocket.open(purpose);
        try {
            SystemCallException.check(
                    Sockets.setOption(
                            socket.number(),
                            Sockets.SOL_SOCKET,
                            Sockets.SO_SNDBUFFORCE,
                            SEND_BUFFER_BYTES),
                    purpose,
                    "setsockopt(SO_SNDBUFFORCE)");
            PacketSocket.bind(socket, interfaceIndex, 0, purpose);
            return new TransmitQueue(socket);
        } catch (SystemCallException e) {
            socket.close();
            throw e;
        }
    }

    private long message(int index) {
        return messages + (long) index * Sockets.MESSAGE_BYTES;
    }

    /** Queues a frame; see {@link PacketPort#transmit}. */
    boolean add(long address, int length, long vnetHeader) {
        if (queued == CAPACITY) {
            return false;
        }
        long vector = vectors + (long) queued * VECTORS_BYTES;
        if (vnetHeader + PacketPort.VNET_HEADER_BYTES == address) {
            Memory.putNativeLong(vector, vnetHeader);
            Memory.putNativeLong(vector + 8, (long) length + PacketPort.VNET_HEADER_BYTES);
            Memory.putNativeLong(message(queued) + Sockets.MESSAGE_VECTOR_COUNT_OFFSET, 1);
        } else {
            Memory.putNativeLong(vector, vnetHeader == 0 ? plainHeader : vnetHeader);
            Memory.putNativeLong(vector + 8, PacketPort.VNET_HEADER_BYTES);
            Memory.putNativeLong(vector + 16, address);
            Memory.putNativeLong(vector + 24, length);
            Memory.putNativeLong(message(queued) + Sockets.MESSAGE_VECTOR_COUNT_OFFSET, 2);
        }
        sentBytes += length;
        queued++;
        return true;
    }

    /** Sends what is queued; afterwards the queue is empty whatever happened. */
    void flush() {
        int done = 0;
        int retries = RETRIES;
        while (done < queued) {
            int result =
                    Sockets.sendMessages(
                            socket.number(), message(done), queued - done, Sockets.MSG_DONTWAIT);
            if (result > 0) {
                done += result;
                sentFrames += result;
            } else if (retries > 0 && isPassing(-result)) {
                retries--;
                Thread.onSpinWait();
            } else {
                // The error is that of the first message alone; the ones behind it may do better.
                sentBytes -= frameBytes(done);
                refused++;
                done++;
            }
        }
        queued = 0;
    }

    private static boolean isPassing(int errno) {
        return errno == Errno.EAGAIN || errno == Errno.ENOBUFS || errno == Errno.EINTR;
    }

    private long frameBytes(int index) {
        long vector = vectors + (long) index * VECTORS_BYTES;
        return Memory.nativeLong(message(index) + Sockets.MESSAGE_VECTOR_COUNT_OFFSET) == 1
                ? Memory.nativeLong(vector + 8) - PacketPort.VNET_HEADER_BYTES
                : Memory.nativeLong(vector + 24);
    }

    boolean isEmpty() {
        return queued == 0;
    }

    /** Frames sent since the last call. */
    long takeSentFrames() {
        long taken = sentFrames;
        sentFrames = 0;
        return taken;
    }

    /** Bytes of the frames sent since the last call; called with an empty queue. */
    long takeSentBytes() {
        long taken = sentBytes;
        sentBytes = 0;
        return taken;
    }

    /** Frames refused since the last call. */
    long takeRefused() {
        long taken = refused;
        refused = 0;
        return taken;
    }

    @Override
    public void close() {
        socket.close();
        memory.close();
    }
}
