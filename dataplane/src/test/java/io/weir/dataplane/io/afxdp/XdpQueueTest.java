package io.weir.dataplane.io.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Queues of one pool against a played kernel: no frame is lost, used twice or sent changed. */
class XdpQueueTest {
    private static final int RECEIVE_FRAMES = 16;
    private static final int SEND_FRAMES = 8;
    private static final int QUEUE_FRAMES = RECEIVE_FRAMES + SEND_FRAMES;
    private static final int WORKER_FRAMES = 64;

    /** A queue with its kernel, and the numbers of the frames that it should send. */
    private static final class Side implements AutoCloseable {
        private final FramePool pool;
        private final int owner;
        private final PlayedKernel kernel;
        private final XdpQueue queue;
        private final Deque<Long> sent = new ArrayDeque<>();

        Side(FramePool pool) {
            this.pool = pool;
            owner = pool.reserve(QUEUE_FRAMES);
            assertThat(owner).isNotEqualTo(FramePool.NO_OWNER);
            kernel = new PlayedKernel(pool, RECEIVE_FRAMES, SEND_FRAMES);
            queue = new XdpQueue(pool, owner, kernel.rings(), RECEIVE_FRAMES);
            boolean _ = queue.refill();
        }

        boolean transmit(long address, int length) {
            long number = Memory.nativeLong(address);
            boolean queued = queue.transmit(address, length);
            if (queued) {
                sent.add(number);
            }
            return queued;
        }

        @Override
        public void close() {
            kernel.close();
            pool.retire(owner, QUEUE_FRAMES, false);
        }
    }

    private final PacketBurst burst = new PacketBurst();

    private static void assertEveryFrameIsInOnePlace(FramePool pool, int frames, List<Side> sides) {
        Set<Integer> lent = new HashSet<>();
        for (Side side : sides) {
            for (int frame : side.kernel.frames()) {
                assertThat(lent.add(frame)).as("frame %d is in one place", frame).isTrue();
                assertThat(pool.isFree(frame)).isFalse();
            }
        }
        assertThat(lent.size() + pool.freeFrames()).isEqualTo(frames);
    }

    @Test
    void randomTrafficLosesNoFrameAndSendsNoneChanged() {
        Random random = Seed.ofThisRun().random();
        int frames = 3 * QUEUE_FRAMES + WORKER_FRAMES;
        long number = 1;
        long delivered = 0;
        long sent = 0;
        try (FramePool pool = new FramePool(frames, () -> 0);
                NativeBlock elsewhere = new NativeBlock(4096)) {
            List<Side> sides =
                    new ArrayList<>(List.of(new Side(pool), new Side(pool), new Side(pool)));
            for (int round = 0; round < 20_000; round++) {
                Side in = sides.get(random.nextInt(3));
                for (int i = random.nextInt(12); i > 0; i--) {
                    if (in.kernel.deliver(number, 60 + random.nextInt(1700))) {
                        number++;
                        delivered++;
                    }
                }
                burst.clear();
                in.queue.receive(burst);
                for (int i = 0; i < burst.size(); i++) {
                    Packet packet = burst.get(i);
                    // Dropped, sent once, or to several.
                    for (int copies = random.nextInt(4); copies > 0; copies--) {
                        Side out = sides.get(random.nextInt(3));
                        sent += out.transmit(packet.frame(), packet.frameBytes()) ? 1 : 0;
                    }
                }
                if (random.nextInt(3) == 0) {
                    Memory.putNativeLong(elsewhere.address(), -number);
                    sides.get(random.nextInt(3)).transmit(elsewhere.address(), 1514);
                    Memory.putNativeLong(elsewhere.address(), 0);
                }
                sides.forEach(side -> side.queue.publish());
                boolean _ = in.queue.release();
                for (Side side : sides) {
                    for (int i = random.nextInt(10); i > 0 && side.kernel.send(side.sent); i--) {}
                    for (int i = random.nextInt(10); i > 0 && side.kernel.complete(); i--) {}
                    if (random.nextInt(4) == 0) {
                        side.queue.complete();
                    }
                }
                if (random.nextInt(500) == 0) {
                    // The interface goes with all that is in its rings, and comes back.
                    sides.remove(2).close();
                    pool.reclaim();
                    sides.add(new Side(pool));
                }
                assertEveryFrameIsInOnePlace(pool, frames, sides);
            }
            sides.forEach(Side::close);
            pool.reclaim();
            assertThat(pool.freeFrames()).isEqualTo(frames);
        }
        assertThat(delivered).isGreaterThan(20_000);
        assertThat(sent).isGreaterThan(20_000);
    }

    @Test
    void aKernelThatNeverSendsStopsItsOwnQueueOnly() {
        int frames = 2 * QUEUE_FRAMES + WORKER_FRAMES;
        try (FramePool pool = new FramePool(frames, () -> 0);
                Side stuck = new Side(pool);
                Side in = new Side(pool)) {
            int refused = 0;
            for (int i = 1; i <= 100; i++) {
                assertThat(in.kernel.deliver(i, 60)).isTrue();
                burst.clear();
                in.queue.receive(burst);
                assertThat(burst.size()).isEqualTo(1);
                refused += stuck.transmit(burst.get(0).frame(), 60) ? 0 : 1;
                boolean _ = stuck.queue.publish();
                boolean _ = in.queue.release();
            }
            assertThat(refused).isEqualTo(100 - SEND_FRAMES);
        }
    }

    @Test
    void aFrameIsSentFromWhereItWasReceivedUnlessItIsSentAlready() {
        try (FramePool pool = new FramePool(256, () -> 0);
                Side in = new Side(pool);
                Side out = new Side(pool)) {
            assertThat(in.kernel.deliver(7, 100)).isTrue();
            in.queue.receive(burst);
            int free = pool.freeFrames();
            long frame = burst.get(0).frame();
            // A header was put before it.
            assertThat(out.transmit(frame - 20, 120)).isTrue();
            assertThat(pool.freeFrames()).isEqualTo(free);
            assertThat(out.transmit(frame, 100)).isTrue();
            assertThat(pool.freeFrames()).isEqualTo(free - 1);
        }
    }

    @Test
    void framesOfAnInterfaceWhoseHardwareMayStillWriteRestForASecond() {
        long[] now = {0};
        try (FramePool pool = new FramePool(256, () -> now[0])) {
            int owner = pool.reserve(100);
            int frame = pool.lendFree(owner);
            pool.retire(owner, 100, true);
            pool.reclaim();
            assertThat(pool.isFree(frame)).isFalse();
            assertThat(pool.reserve(100)).isEqualTo(FramePool.NO_OWNER);
            now[0] = 1_000_000_000L;
            pool.reclaim();
            assertThat(pool.isFree(frame)).isTrue();
            assertThat(pool.reserve(100)).isEqualTo(owner);
        }
    }
}
