package io.weir.dataplane.io.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The kernel's side of a receive queue and of its workers' sockets, played by a test; moves as much
 * as it is told to.
 */
final class PlayedKernel implements AutoCloseable {
    private static final int RECEIVE_OFFSET = 256;
    private static final int INDEX_BYTES = 64;

    /** No number. */
    static final long NOTHING = Long.MIN_VALUE;

    private final FrameMemory memory;
    private final List<NativeBlock> blocks = new ArrayList<>();
    private final RingMemory fill;
    private final RingMemory completed;
    private final QueueRings shared;
    private final List<RingMemory> received = new ArrayList<>();
    private final List<RingMemory> transmit = new ArrayList<>();
    private final Deque<Long> toReceiveInto = new ArrayDeque<>();
    private final Deque<Long> underWay = new ArrayDeque<>();

    PlayedKernel(FrameMemory memory, int receiveEntries, int sendEntries) {
        this.memory = memory;
        int workers = memory.pools().size();
        fill = ring(Integer.highestOneBit(2 * receiveEntries * workers - 1), false);
        completed = ring(Integer.highestOneBit(2 * sendEntries * workers - 1), false);
        shared = new QueueRings(fill, completed, workers > 1);
        for (int worker = 0; worker < workers; worker++) {
            received.add(ring(receiveEntries, true));
            transmit.add(ring(sendEntries, true));
        }
    }

    private RingMemory ring(int entries, boolean descriptors) {
        return ring(entries, descriptors ? RingMemory.DESCRIPTOR_BYTES : RingMemory.ADDRESS_BYTES);
    }

    private RingMemory ring(int entries, int entryBytes) {
        NativeBlock block = new NativeBlock(3L * INDEX_BYTES + (long) entries * entryBytes);
        blocks.add(block);
        long at = block.address();
        // Free-running indexes wrap; beginning close to that lets them do so.
        Memory.putNativeInt(at, -3);
        Memory.putNativeInt(at + INDEX_BYTES, -3);
        return new RingMemory(
                at,
                at + INDEX_BYTES,
                at + 2L * INDEX_BYTES,
                at + 3L * INDEX_BYTES,
                entries,
                entryBytes);
    }

    QueueRings shared() {
        return shared;
    }

    RingMemory received(int worker) {
        return received.get(worker);
    }

    RingMemory transmit(int worker) {
        return transmit.get(worker);
    }

    private static int waiting(RingMemory ring) {
        return Memory.intAcquire(ring.producer()) - Memory.intAcquire(ring.consumer());
    }

    private static long take(RingMemory ring) {
        int index = Memory.intAcquire(ring.consumer());
        long entry = Memory.nativeLong(ring.entry(index));
        Memory.putIntRelease(ring.consumer(), index + 1);
        return entry;
    }

    private static long put(RingMemory ring, long value) {
        int index = Memory.intAcquire(ring.producer());
        long entry = ring.entry(index);
        Memory.putNativeLong(entry, value);
        return entry;
    }

    private static void show(RingMemory ring) {
        Memory.putIntRelease(ring.producer(), Memory.intAcquire(ring.producer()) + 1);
    }

    /** Lets a frame arrive; false if there is nothing to receive it into, or no room. */
    boolean deliver(int worker, long number, int length) {
        while (waiting(fill) > 0) {
            toReceiveInto.add(take(fill));
        }
        RingMemory ring = received.get(worker);
        if (toReceiveInto.isEmpty() || waiting(ring) == ring.size()) {
            return false;
        }
        long at = toReceiveInto.remove() + RECEIVE_OFFSET;
        Memory.fill(memory.address() + at, length, (byte) 0);
        Memory.putNativeLong(memory.address() + at, number);
        long entry = put(ring, at);
        Memory.putNativeLong(entry + RingMemory.LENGTH_OFFSET, length);
        show(ring);
        return true;
    }

    /** Takes a worker's next frame to send; returns its number, {@link #NOTHING} if none waits. */
    long send(int worker) {
        RingMemory ring = transmit.get(worker);
        if (waiting(ring) == 0) {
            return NOTHING;
        }
        int index = Memory.intAcquire(ring.consumer());
        long length = Memory.nativeLong(ring.entry(index) + RingMemory.LENGTH_OFFSET);
        long at = take(ring);
        assertThat((at & (FrameMemory.FRAME_BYTES - 1)) + length)
                .isBetween(1L, (long) FrameMemory.FRAME_BYTES);
        underWay.add(at);
        return Memory.nativeLong(memory.address() + at);
    }

    /** Says of the oldest frame under way that it was sent; false if there is none. */
    boolean complete() {
        if (underWay.isEmpty()) {
            return false;
        }
        put(completed, underWay.remove());
        show(completed);
        return true;
    }

    /** The frames in the rings and under way. */
    List<Integer> frames() {
        List<Long> addresses = new ArrayList<>(toReceiveInto);
        addresses.addAll(underWay);
        List<RingMemory> rings = new ArrayList<>(List.of(fill, completed));
        rings.addAll(received);
        rings.addAll(transmit);
        for (RingMemory ring : rings) {
            for (int i = 0; i < waiting(ring); i++) {
                addresses.add(
                        Memory.nativeLong(ring.entry(Memory.intAcquire(ring.consumer()) + i)));
            }
        }
        return addresses.stream().map(FramePool::frameAt).toList();
    }

    @Override
    public void close() {
        blocks.forEach(NativeBlock::close);
    }
}
