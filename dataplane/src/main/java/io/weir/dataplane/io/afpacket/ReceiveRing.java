package io.weir.dataplane.io.afpacket;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Mapping;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

/**
 * The receiving half of a port: a TPACKET_V2 ring shared with the kernel.
 *
 * <p>Version 2, because version 3 shows frames only when a block is full or its timer fires, a
 * millisecond later. The kernel sets a slot's status when it has filled it, and the worker clears
 * it when it is done with the frame, so a frame is rewritten and sent on without being copied.
 *
 * <p>A frame that is too large for a slot (a GSO super-frame of up to 64 KiB) leaves a truncated
 * copy in its slot and waits whole in the socket's queue, in the same order (PACKET_COPY_THRESH);
 * it is fetched from there into memory of our own. So slots stay small, thousands of them cost
 * little, and the 64 KiB are copied on the worker's core and not in the sender's softirq.
 */
final class ReceiveRing implements AutoCloseable {
    static final int BLOCK_BYTES = 256 << 10;

    private static final int PACKET_RX_RING = 5;
    private static final int PACKET_STATISTICS = 6;
    private static final int PACKET_COPY_THRESH = 7;
    private static final int PACKET_VERSION = 10;
    private static final int PACKET_RESERVE = 12;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int TPACKET_V2 = 1;

    /**
     * Makes the IP header of an Ethernet frame start on a cache line, 128 bytes into the slot, and
     * leaves 82 bytes between the frame and the tpacket2_hdr.
     */
    private static final int RESERVE_BYTES = 38;

    /** Super-frames that may wait in the queue; the kernel doubles it for its own overhead. */
    private static final int QUEUE_BYTES = 8 << 20;

    // struct tpacket2_hdr of linux/if_packet.h
    private static final int LENGTH_OFFSET = 4;
    private static final int CAPTURED_OFFSET = 8;
    private static final int MAC_OFFSET = 12;

    private static final int STATUS_KERNEL = 0;
    private static final int STATUS_USER = 1;
    private static final int STATUS_COPY = 1 << 1;
    private static final int STATUS_VLAN_VALID = 1 << 4;

    private final Descriptor socket;
    private final Mapping ring;
    private final SuperFrames superFrames;
    private final int slotBytes;
    private final int slotMask;

    /**
     * Free-running slot numbers: filled slots from {@code held} to {@code next} are the worker's.
     */
    private int next;

    private int held;
    private long bytes;
    private int truncated;

    private ReceiveRing(Descriptor socket, Mapping ring, SuperFrames superFrames, RingSize size) {
        this.socket = socket;
        this.ring = ring;
        this.superFrames = superFrames;
        this.slotBytes = size.slotBytes();
        this.slotMask = size.slots() - 1;
    }

    /** Opens a ring; the filter is in place before the first frame can arrive. */
    static ReceiveRing open(int interfaceIndex, int filterProgram, RingSize size, String purpose)
            throws SystemCallException {
        Descriptor socket = PacketSocket.open(purpose);
        Mapping ring = null;
        SuperFrames superFrames = null;
        try {
            configure(socket, filterProgram, size, purpose);
            ring =
                    Mapping.ofDescriptor(
                            socket.number(), (long) size.slots() * size.slotBytes(), purpose);
            superFrames = new SuperFrames(socket, purpose);
            PacketSocket.bind(socket, interfaceIndex, PacketSocket.ETH_P_ALL, purpose);
            return new ReceiveRing(socket, ring, superFrames, size);
        } catch (SystemCallException e) {
            if (superFrames != null) {
                superFrames.close();
            }
            if (ring != null) {
                ring.close();
            }
            socket.close();
            throw e;
        }
    }

    private static void configure(
            Descriptor socket, int filterProgram, RingSize size, String purpose)
            throws SystemCallException {
        PacketSocket.set(socket, PACKET_IGNORE_OUTGOING, 1, purpose, "PACKET_IGNORE_OUTGOING");
        if (filterProgram != AfPacketPort.EVERY_FRAME) {
            setFilter(socket.number(), filterProgram, purpose);
        }
        SystemCallException.check(
                Sockets.setOption(
                        socket.number(), Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE, QUEUE_BYTES),
                purpose,
                "setsockopt(SO_RCVBUFFORCE)");
        PacketSocket.set(socket, PACKET_VERSION, TPACKET_V2, purpose, "PACKET_VERSION");
        PacketSocket.set(socket, PACKET_RESERVE, RESERVE_BYTES, purpose, "PACKET_RESERVE");
        PacketSocket.set(socket, PACKET_COPY_THRESH, 1, purpose, "PACKET_COPY_THRESH");
        int ringBytes = size.slots() * size.slotBytes();
        try (NativeBlock request = new NativeBlock(4L * Integer.BYTES)) {
            Memory.putNativeInt(request.address(), BLOCK_BYTES);
            Memory.putNativeInt(request.address() + 4, ringBytes / BLOCK_BYTES);
            Memory.putNativeInt(request.address() + 8, size.slotBytes());
            Memory.putNativeInt(request.address() + 12, size.slots());
            SystemCallException.check(
                    Sockets.setOption(
                            socket.number(),
                            Sockets.SOL_PACKET,
                            PACKET_RX_RING,
                            request.address(),
                            (int) request.bytes()),
                    purpose,
                    "setsockopt(PACKET_RX_RING) of " + ringBytes + " bytes");
        }
    }

    /** Lets the socket accept what this program accepts. */
    static void setFilter(int socket, int filterProgram, String purpose)
            throws SystemCallException {
        SystemCallException.check(
                Sockets.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_ATTACH_BPF, filterProgram),
                purpose,
                "setsockopt(SO_ATTACH_BPF)");
    }

    int descriptor() {
        return socket.number();
    }

    /** Adds waiting frames to the burst; see {@link PacketPort#receive}. */
    void receive(PacketBurst burst) {
        while (!burst.isFull() && next - held <= slotMask) {
            long slot = slot(next);
            int status = Memory.intAcquire(slot);
            if ((status & STATUS_USER) == 0) {
                return;
            }
            if ((status & STATUS_COPY) != 0) {
                if (superFrames.isFull()) {
                    return;
                }
                next++;
                receiveSuperFrame(burst, status);
            } else {
                next++;
                receiveFrame(burst, slot, status);
            }
        }
    }

    private void receiveFrame(PacketBurst burst, long slot, int status) {
        int length = Memory.nativeInt(slot + LENGTH_OFFSET);
        if (length > Memory.nativeInt(slot + CAPTURED_OFFSET)) {
            truncated++;
            return;
        }
        // The kernel hands a tagged frame's tag over beside it; such a frame belongs to the VLAN's
        // own device, where it arrives once more, without tag.
        if ((status & STATUS_VLAN_VALID) == 0) {
            long frame = slot + Memory.nativeShort(slot + MAC_OFFSET);
            burst.add(frame, length, frame - PacketPort.VNET_HEADER_BYTES);
            bytes += length;
        }
    }

    private void receiveSuperFrame(PacketBurst burst, int status) {
        int length = superFrames.fetch();
        if (length < 0) {
            truncated++;
        } else if ((status & STATUS_VLAN_VALID) == 0) {
            long frame = superFrames.keep();
            burst.add(frame, length, frame - PacketPort.VNET_HEADER_BYTES);
            bytes += length;
        }
    }

    private long slot(int number) {
        return ring.address() + (long) (number & slotMask) * slotBytes;
    }

    /** Gives the slots of the burst back to the kernel. */
    void release() {
        while (held != next) {
            Memory.putIntRelease(slot(held), STATUS_KERNEL);
            held++;
        }
        superFrames.release();
    }

    /** Bytes received since the last call. */
    long takeBytes() {
        long taken = bytes;
        bytes = 0;
        return taken;
    }

    /** Frames left out since the last call because they were not whole. */
    int takeTruncated() {
        int taken = truncated;
        truncated = 0;
        return taken;
    }

    /**
     * Frames dropped since the last call because the ring was full; may be called from any thread.
     */
    long takeDrops() {
        try (NativeBlock statistics = new NativeBlock(2L * Integer.BYTES)) {
            int result =
                    Sockets.getOption(
                            socket.number(),
                            Sockets.SOL_PACKET,
                            PACKET_STATISTICS,
                            statistics.address(),
                            (int) statistics.bytes());
            return result < 0
                    ? 0
                    : Integer.toUnsignedLong(Memory.nativeInt(statistics.address() + 4));
        }
    }

    @Override
    public void close() {
        socket.close();
        ring.close();
        superFrames.close();
    }
}
