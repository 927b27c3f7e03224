package io.weir.dataplane.egress;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.Neighbour;

/**
 * Packets that wait for their next hop's Ethernet address: {@value #SLOTS} in all, {@value
 * #PER_NEIGHBOUR} for one neighbour, none longer than {@value #MAX_FRAME_BYTES} bytes. Owned by the
 * worker.
 */
public final class PendingPackets implements AutoCloseable {
    /** The most packets that wait. */
    public static final int SLOTS = 512;

    /** The most that wait for one neighbour, so that a dead one cannot take all. */
    public static final int PER_NEIGHBOUR = 32;

    /** The longest frame that may wait; super-frames of local senders are sent again anyway. */
    public static final int MAX_FRAME_BYTES = 2048 - PacketPort.HEADROOM_BYTES;

    private static final int STRIDE = 2048;
    private static final int NONE = Neighbour.NO_PENDING;

    private final NativeBlock block = new NativeBlock((long) SLOTS * STRIDE);
    private final int[] next = new int[SLOTS];
    private final int[] bytes = new int[SLOTS];
    private final boolean[] hasVnetHeader = new boolean[SLOTS];
    private int free;

    public PendingPackets() {
        for (int slot = 0; slot < SLOTS; slot++) {
            next[slot] = slot + 1 < SLOTS ? slot + 1 : NONE;
        }
    }

    /**
     * Copies a frame into the neighbour's queue.
     *
     * @return false if there is no room or the frame is too long
     */
    public boolean add(Neighbour neighbour, long frame, int length, long vnetHeader) {
        if (free == NONE || neighbour.pendingCount() >= PER_NEIGHBOUR || length > MAX_FRAME_BYTES) {
            return false;
        }
        int slot = free;
        free = next[slot];
        next[slot] = NONE;
        bytes[slot] = length;
        hasVnetHeader[slot] = vnetHeader != 0;
        Memory.copy(frame, frame(slot), length);
        if (vnetHeader != 0) {
            Memory.copy(vnetHeader, vnetHeader(slot), PacketPort.VNET_HEADER_BYTES);
        }
        int first = neighbour.firstPending();
        if (first == NONE) {
            neighbour.setPending(slot, 1);
        } else {
            int last = first;
            while (next[last] != NONE) {
                last = next[last];
            }
            next[last] = slot;
            neighbour.setPending(first, neighbour.pendingCount() + 1);
        }
        return true;
    }

    /**
     * Takes the oldest frame out of the neighbour's queue; its memory stays good until the next
     * {@link #add}.
     *
     * @return its slot, or {@link Neighbour#NO_PENDING}
     */
    public int remove(Neighbour neighbour) {
        int slot = neighbour.firstPending();
        if (slot != NONE) {
            neighbour.setPending(next[slot], neighbour.pendingCount() - 1);
            next[slot] = free;
            free = slot;
        }
        return slot;
    }

    public long frame(int slot) {
        return block.address() + (long) slot * STRIDE + PacketPort.HEADROOM_BYTES;
    }

    public int bytes(int slot) {
        return bytes[slot];
    }

    /** The address of the frame's virtio_net_hdr, 0 if it has none. */
    public long vnetHeader(int slot) {
        return hasVnetHeader[slot] ? frame(slot) - PacketPort.VNET_HEADER_BYTES : 0;
    }

    @Override
    public void close() {
        block.close();
    }
}
