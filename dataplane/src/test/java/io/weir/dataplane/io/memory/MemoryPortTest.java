package io.weir.dataplane.io.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

class MemoryPortTest {
    private static final int FRAMES = 8;
    private static final int FRAME_BYTES = 256;

    private final MemoryPort first =
            MemoryPort.pair(
                    new MemoryPort.End("first", 1, null),
                    new MemoryPort.End("second", 2, null),
                    FRAMES,
                    FRAME_BYTES);
    private final MemoryPort second = first.peer();
    private final NativeBlock block = new NativeBlock(4096);
    private final PacketBurst burst = new PacketBurst();
    private final Seed seed = Seed.ofThisRun();
    private final Random random = seed.random();

    @AfterEach
    void close() {
        first.close();
        second.close();
        block.close();
    }

    private byte[] randomFrame() {
        byte[] frame = new byte[random.nextInt(FRAME_BYTES + 1)];
        random.nextBytes(frame);
        return frame;
    }

    private boolean transmit(MemoryPort port, byte[] frame) {
        Memory.copyIn(frame, 0, block.address(), frame.length);
        boolean taken = port.transmit(block.address(), frame.length, 0);
        Memory.fill(block.address(), FRAME_BYTES, (byte) 0);
        return taken;
    }

    private byte[] received(int index) {
        return Memory.bytes(burst.get(index).frame(), burst.get(index).frameBytes());
    }

    @Test
    void knowsItsNameAndPeer() {
        assertThat(first.name()).isEqualTo("first");
        assertThat(second.linkIndex()).isEqualTo(2);
        assertThat(second.peer()).isSameAs(first);
        assertThat(first.pollDescriptors()).isEmpty();
    }

    @Test
    void showsFramesOnlyWhenFlushed() {
        transmit(first, new byte[60]);
        assertThat(second.receive(burst)).isZero();
        first.flush();
        assertThat(second.receive(burst)).isEqualTo(1);
        assertThat(first.receive(burst)).isZero();
    }

    /** Random offers, flushes, receptions and releases against a list. */
    @Test
    void behavesAsABoundedList() {
        Deque<byte[]> queued = new ArrayDeque<>();
        int published = 0;
        int held = 0;
        for (int round = 0; round < 20_000; round++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    byte[] frame = randomFrame();
                    boolean room = queued.size() + held < FRAMES;
                    assertThat(transmit(first, frame)).as("%s", seed).isEqualTo(room);
                    if (room) {
                        queued.add(frame);
                    }
                }
                case 2 -> {
                    first.flush();
                    published = queued.size();
                }
                default -> {
                    burst.clear();
                    int count = second.receive(burst);
                    assertThat(count).as("%s", seed).isEqualTo(published);
                    for (int i = 0; i < count; i++) {
                        assertThat(received(i)).as("%s", seed).isEqualTo(queued.remove());
                    }
                    published = 0;
                    held += count;
                    if (random.nextBoolean()) {
                        second.release();
                        held = 0;
                    }
                }
            }
        }
    }

    @Test
    void fillsNoMoreThanABurst() {
        MemoryPort many =
                MemoryPort.pair(
                        new MemoryPort.End("a", 1, null),
                        new MemoryPort.End("b", 2, null),
                        100,
                        64);
        for (int i = 0; i < 128; i++) {
            assertThat(many.transmit(block.address(), 60, 0)).as("frame %d", i).isTrue();
        }
        assertThat(many.transmit(block.address(), 60, 0)).isFalse();
        many.flush();
        assertThat(many.peer().receive(burst)).isEqualTo(PacketBurst.CAPACITY);
        many.peer().release();
        burst.clear();
        assertThat(many.peer().receive(burst)).isEqualTo(PacketBurst.CAPACITY);
        many.close();
        many.peer().close();
    }

    @Test
    void leavesHeadroomBeforeEachFrame() {
        byte[][] frames = new byte[FRAMES][];
        for (int i = 0; i < FRAMES; i++) {
            frames[i] = new byte[FRAME_BYTES];
            random.nextBytes(frames[i]);
            transmit(first, frames[i]);
        }
        first.flush();
        assertThat(second.receive(burst)).isEqualTo(FRAMES);
        for (int i = 0; i < FRAMES; i++) {
            long headroom = burst.get(i).frame() - PacketPort.HEADROOM_BYTES;
            Memory.fill(headroom, PacketPort.HEADROOM_BYTES, (byte) 0xee);
        }
        for (int i = 0; i < FRAMES; i++) {
            assertThat(received(i)).as("frame %d, %s", i, seed).isEqualTo(frames[i]);
        }
    }

    @Test
    void carriesVirtioHeaders() {
        long vnet = block.address() + 1024;
        VnetHeader.clear(vnet);
        VnetHeader.setFlags(vnet, VnetHeader.NEEDS_CHECKSUM);
        VnetHeader.setChecksumStart(vnet, 34);
        VnetHeader.setChecksumOffset(vnet, 16);
        first.transmit(block.address(), 60, vnet);
        first.transmit(block.address(), 60, 0);
        VnetHeader.clear(vnet);
        first.flush();
        assertThat(second.receive(burst)).isEqualTo(2);
        long carried = burst.get(0).vnetHeader();
        assertThat(VnetHeader.flags(carried)).isEqualTo(VnetHeader.NEEDS_CHECKSUM);
        assertThat(VnetHeader.checksumStart(carried)).isEqualTo(34);
        assertThat(VnetHeader.checksumOffset(carried)).isEqualTo(16);
        assertThat(burst.get(1).vnetHeader()).isZero();
    }

    @Test
    void countsWhatPassesAndWhatDoesNotFit() {
        transmit(first, new byte[60]);
        transmit(first, new byte[100]);
        assertThat(first.transmit(block.address(), FRAME_BYTES + 1, 0)).isTrue();
        first.flush();
        second.receive(burst);
        assertThat(first.statistics()).isEqualTo(new PortStatistics(0, 0, 0, 0, 2, 160, 1));
        assertThat(second.statistics()).isEqualTo(new PortStatistics(2, 160, 0, 0, 0, 0, 0));
    }

    @Test
    void refusesQueuesThatHoldNothing() {
        MemoryPort.End end = new MemoryPort.End("a", 1, null);
        assertThatThrownBy(() -> MemoryPort.pair(end, end, 0, 64))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not 0 of 64");
    }

    /** Two threads and a queue that is nearly always full or empty: no frame lost or torn. */
    @Test
    void handsFramesFromThreadToThread() throws InterruptedException {
        int total = 200_000;
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread consumer = Thread.ofPlatform().start(() -> consume(total, failure));
        try (NativeBlock frame = new NativeBlock(64)) {
            for (int i = 0; i < total && failure.get() == null; i++) {
                for (int word = 0; word < 7; word++) {
                    Memory.putU64(frame.address() + word * 8L, i);
                }
                while (!first.transmit(frame.address(), 56, 0) && failure.get() == null) {
                    first.flush();
                    Thread.onSpinWait();
                }
                if (i % 3 == 0 || i == total - 1) {
                    first.flush();
                }
            }
            assertThat(consumer.join(Duration.ofSeconds(60))).isTrue();
        }
        assertThat(failure.get()).isNull();
        assertThat(second.statistics().receivedFrames()).isEqualTo(total);
    }

    private void consume(int total, AtomicReference<Throwable> failure) {
        try {
            PacketBurst frames = new PacketBurst();
            for (long expected = 0; expected < total; ) {
                frames.clear();
                second.receive(frames);
                for (int i = 0; i < frames.size(); i++) {
                    for (int word = 0; word < 7; word++) {
                        long address = frames.get(i).frame() + word * 8L;
                        assertThat(Memory.u64(address)).isEqualTo(expected);
                    }
                    expected++;
                }
                second.release();
                Thread.onSpinWait();
            }
        } catch (Throwable e) {
            failure.set(e);
        }
    }
}
