package io.weir.dataplane.io.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The kernel's side of a socket's rings, played by a test; moves as much as it is told to. */
final class PlayedKernel implements AutoCloseable {
    private static final int RECEIVE_OFFSET = 256;
    private static final int INDEX_BYTES = 64;

    private final FramePool pool;
    private final List<NativeBlock> blocks = new ArrayList<>();
    private final XdpQueue.Rings rings;
    private final Deque<Long> toReceiveInto = new ArrayDeque<>();
    private final Deque<Long> underWay = new ArrayDeque<>();

    PlayedKernel(FramePool pool, int receiveEntries, int sendEntries) {
        this.pool = pool;
        rings =
                new XdpQueue.Rings(
                        ring(receiveEntries, RingMemory.ADDRESS_BYTES),
                        ring(receiveEntries, RingMemory.DESCRIPTOR_BYTES),
                        ring(sendEntries, RingMemory.DESCRIPTOR_BYTES),
                        ring(sendEntries, RingMemory.ADDRESS_BYTES));
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

    XdpQueue.Rings rings() {
        return rings;
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
    boolean deliver(long number, int length) {
        while (waiting(rings.fill()) > 0) {
            toReceiveInto.add(take(rings.fill()));
        }
        if (toReceiveInto.isEmpty() || waiting(rings.received()) == rings.received().size()) {
            return false;
        }
        long at = toReceiveInto.remove() + RECEIVE_OFFSET;
        Memory.fill(pool.address() + at, length, (byte) 0);
        Memory.putNativeLong(pool.address() + at, number);
        long entry = put(rings.received(), at);
        Memory.putNativeLong(entry + RingMemory.LENGTH_OFFSET, length);
        show(rings.received());
        return true;
    }

    /** Takes the next frame to send, which must be of this number; false if there is none. */
    boolean send(Deque<Long> expected) {
        if (waiting(rings.transmit()) == 0) {
            return false;
        }
        int index = Memory.intAcquire(rings.transmit().consumer());
        long length = Memory.nativeLong(rings.transmit().entry(index) + RingMemory.LENGTH_OFFSET);
        long at = take(rings.transmit());
        assertThat((at & (FramePool.FRAME_BYTES - 1)) + length)
                .isBetween(1L, (long) FramePool.FRAME_BYTES);
        assertThat(Memory.nativeLong(pool.address() + at)).isEqualTo(expected.remove());
        underWay.add(at);
        return true;
    }

    /** Says of the oldest frame under way that it was sent; false if there is none. */
    boolean complete() {
        if (underWay.isEmpty()) {
            return false;
        }
        put(rings.completed(), underWay.remove());
        show(rings.completed());
        return true;
    }

    /** The frames in the rings and under way. */
    List<Integer> frames() {
        List<Long> addresses = new ArrayList<>(toReceiveInto);
        addresses.addAll(underWay);
        for (RingMemory ring :
                List.of(rings.fill(), rings.received(), rings.transmit(), rings.completed())) {
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
