package io.weir.dataplane.io.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Workers' queues against a played kernel: no frame is lost, used twice or sent changed. */
class XdpQueueTest {
    private static final int RECEIVE_FRAMES = 16;
    private static final int SEND_FRAMES = 8;
    private static final int INTERFACE_FRAMES = RECEIVE_FRAMES + SEND_FRAMES;
    private static final int HELD_FRAMES = 64;
    private static final long WAIT_NANOS = 60_000_000_000L;

    /** An interface of one queue with its kernel, and the numbers that each worker should send. */
    private static final class Side implements AutoCloseable {
        private final FrameMemory memory;
        private final int owner;
        private final PlayedKernel kernel;
        private final List<XdpQueue> queues = new ArrayList<>();
        private final List<XdpSender> senders = new ArrayList<>();
        private final List<Deque<Long>> sent = new ArrayList<>();

        Side(FrameMemory memory) {
            this.memory = memory;
            owner = memory.reserve(INTERFACE_FRAMES);
            assertThat(owner).isNotEqualTo(FrameMemory.NO_OWNER);
            kernel = new PlayedKernel(memory, RECEIVE_FRAMES, SEND_FRAMES);
            for (FramePool pool : memory.pools()) {
                int worker = queues.size();
                QueueRings rings = kernel.shared();
                RingMemory received = kernel.received(worker);
                queues.add(new XdpQueue(pool, owner, rings, received, RECEIVE_FRAMES));
                senders.add(new XdpSender(pool, owner, rings, kernel.transmit(worker)));
                sent.add(new ArrayDeque<>());
                boolean _ = queues.getLast().refill();
            }
        }

        void receive(int worker, PacketBurst burst) {
            if (queues.get(worker).owes()) {
                boolean _ = queues.get(worker).refill();
            }
            queues.get(worker).receive(burst);
        }

        boolean transmit(int worker, long address, int length) {
            long number = Memory.nativeLong(address);
            boolean queued = senders.get(worker).transmit(address, length);
            if (queued) {
                sent.get(worker).add(number);
            }
            return queued;
        }

        boolean send(int worker) {
            long number = kernel.send(worker);
            if (number != PlayedKernel.NOTHING) {
                assertThat(number).isEqualTo(sent.get(worker).remove());
            }
            return number != PlayedKernel.NOTHING;
        }

        int lent(int worker) {
            return queues.get(worker).lent() + senders.get(worker).lent();
        }

        @Override
        public void close() {
            kernel.close();
            int[] lent = new int[queues.size()];
            for (int worker = 0; worker < lent.length; worker++) {
                lent[worker] = lent(worker);
            }
            memory.retire(owner, INTERFACE_FRAMES, lent, false);
        }
    }

    private final PacketBurst burst = new PacketBurst();

    private static void assertEveryFrameIsInOnePlace(
            FrameMemory memory, int frames, List<Side> sides) {
        Set<Integer> lent = new HashSet<>();
        for (Side side : sides) {
            for (int frame : side.kernel.frames()) {
                assertThat(lent.add(frame)).as("frame %d is in one place", frame).isTrue();
                assertThat(memory.pools().getFirst().isFree(frame)).isFalse();
            }
        }
        int free = 0;
        for (int worker = 0; worker < memory.pools().size(); worker++) {
            int its = memory.pools().get(worker).freeFrames();
            free += its;
            for (Side side : sides) {
                its += side.lent(worker);
            }
            assertThat(its).as("worker %d keeps its number", worker).isEqualTo(frames);
        }
        assertThat(lent.size() + free).isEqualTo(frames * memory.pools().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void randomTrafficLosesNoFrameAndSendsNoneChanged(int workers) {
        Random random = Seed.ofThisRun().random();
        int frames = 3 * INTERFACE_FRAMES + HELD_FRAMES;
        long number = 1;
        long delivered = 0;
        long sent = 0;
        int elsewhereTaken = 0;
        try (FrameMemory memory = new FrameMemory(workers, frames, () -> 0);
                NativeBlock elsewhere = new NativeBlock(4096)) {
            List<Side> sides =
                    new ArrayList<>(List.of(new Side(memory), new Side(memory), new Side(memory)));
            for (int round = 0; round < 20_000; round++) {
                Side in = sides.get(random.nextInt(3));
                for (int i = random.nextInt(12); i > 0; i--) {
                    int worker = random.nextInt(workers);
                    if (in.kernel.deliver(worker, number, 60 + random.nextInt(1700))) {
                        number++;
                        delivered++;
                    }
                }
                int worker = random.nextInt(workers);
                // Now and then another worker has the rings when this one wants them.
                boolean taken =
                        workers > 1 && random.nextInt(200) == 0 && in.kernel.shared().take();
                elsewhereTaken += taken ? 1 : 0;
                burst.clear();
                in.receive(worker, burst);
                for (int i = 0; i < burst.size(); i++) {
                    Packet packet = burst.get(i);
                    // Dropped, sent once, or to several.
                    for (int copies = random.nextInt(4); copies > 0; copies--) {
                        Side out = sides.get(random.nextInt(3));
                        sent += out.transmit(worker, packet.frame(), packet.frameBytes()) ? 1 : 0;
                    }
                }
                if (random.nextInt(3) == 0) {
                    Memory.putNativeLong(elsewhere.address(), -number);
                    sides.get(random.nextInt(3)).transmit(worker, elsewhere.address(), 1514);
                    Memory.putNativeLong(elsewhere.address(), 0);
                }
                sides.forEach(side -> side.senders.get(worker).publish());
                boolean _ = in.queues.get(worker).release();
                if (taken) {
                    in.kernel.shared().leave();
                }
                for (Side side : sides) {
                    for (int i = random.nextInt(10); i > 0; i--) {
                        boolean _ = side.send(random.nextInt(workers));
                    }
                    for (int i = random.nextInt(10); i > 0 && side.kernel.complete(); i--) {}
                    if (random.nextInt(4) == 0) {
                        side.senders.get(random.nextInt(workers)).complete();
                    }
                }
                if (random.nextInt(500) == 0) {
                    // The interface goes with all that is in its rings, and comes back.
                    sides.remove(2).close();
                    List<FramePool> pools = new ArrayList<>(memory.pools());
                    Collections.shuffle(pools, random);
                    pools.forEach(FramePool::reclaim);
                    sides.add(new Side(memory));
                }
                assertEveryFrameIsInOnePlace(memory, frames, sides);
            }
            sides.forEach(Side::close);
            memory.pools().forEach(FramePool::reclaim);
            assertEveryFrameIsInOnePlace(memory, frames, List.of());
        }
        assertThat(delivered).isGreaterThan(20_000);
        assertThat(sent).isGreaterThan(20_000);
        assertThat(elsewhereTaken > 0).isEqualTo(workers > 1);
    }

    /** A worker of its own thread that sends everything back, until it is told to end. */
    private static void answer(Side side, int worker, AtomicInteger running) {
        PacketBurst arrived = new PacketBurst();
        XdpQueue queue = side.queues.get(worker);
        XdpSender sender = side.senders.get(worker);
        while (running.get() > 0 || sender.lent() > 0) {
            arrived.clear();
            side.receive(worker, arrived);
            for (int i = 0; i < arrived.size(); i++) {
                while (!sender.transmit(arrived.get(i).frame(), arrived.get(i).frameBytes())) {
                    LockSupport.parkNanos(1000);
                }
                boolean _ = sender.publish();
            }
            boolean _ = queue.release();
            sender.complete();
        }
    }

    @Test
    void workersThatShareAQueueAtTheSameTimeLoseNothing() throws Exception {
        int workers = 3;
        int frames = INTERFACE_FRAMES + HELD_FRAMES;
        int packets = 5000;
        long end = System.nanoTime() + WAIT_NANOS;
        Random random = Seed.ofThisRun().random();
        AtomicInteger running = new AtomicInteger(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (FrameMemory memory = new FrameMemory(workers, frames, () -> 0)) {
            Side side = new Side(memory);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                int worker = i;
                Thread thread =
                        Thread.ofPlatform()
                                .daemon()
                                .uncaughtExceptionHandler((_, e) -> failure.set(e))
                                .start(() -> answer(side, worker, running));
                threads.add(thread);
            }
            Set<Long> awaited = new HashSet<>();
            long number = 1;
            while (number <= packets || !awaited.isEmpty()) {
                assertThat(failure.get()).isNull();
                assertThat(System.nanoTime() - end).as("waits for %s", awaited).isNegative();
                boolean moved = false;
                if (number <= packets && side.kernel.deliver(random.nextInt(workers), number, 60)) {
                    awaited.add(number++);
                    moved = true;
                }
                for (int worker = 0; worker < workers; worker++) {
                    long sent = side.kernel.send(worker);
                    assertThat(sent == PlayedKernel.NOTHING || awaited.remove(sent)).isTrue();
                    moved |= sent != PlayedKernel.NOTHING;
                }
                moved |= side.kernel.complete();
                if (!moved) {
                    LockSupport.parkNanos(1000);
                }
            }
            while (side.kernel.complete()) {}
            running.set(0);
            for (Thread thread : threads) {
                assertThat(thread.join(Duration.ofNanos(WAIT_NANOS))).isTrue();
            }
            assertThat(failure.get()).isNull();
            assertEveryFrameIsInOnePlace(memory, frames, List.of(side));
            side.close();
        }
    }

    @Test
    void aKernelThatNeverSendsStopsItsOwnInterfaceOnly() {
        int frames = 2 * INTERFACE_FRAMES + HELD_FRAMES;
        try (FrameMemory memory = new FrameMemory(1, frames, () -> 0);
                Side stuck = new Side(memory);
                Side in = new Side(memory)) {
            int refused = 0;
            for (int i = 1; i <= 100; i++) {
                assertThat(in.kernel.deliver(0, i, 60)).isTrue();
                burst.clear();
                in.queues.getFirst().receive(burst);
                assertThat(burst.size()).isEqualTo(1);
                refused += stuck.transmit(0, burst.get(0).frame(), 60) ? 0 : 1;
                boolean _ = stuck.senders.getFirst().publish();
                boolean _ = in.queues.getFirst().release();
            }
            assertThat(refused).isEqualTo(100 - SEND_FRAMES);
        }
    }

    @Test
    void aWorkerThatDoesNothingKeepsNoOtherFromReceiving() {
        int frames = INTERFACE_FRAMES + HELD_FRAMES;
        try (FrameMemory memory = new FrameMemory(2, frames, () -> 0);
                Side side = new Side(memory)) {
            int lost = 0;
            for (int i = 1; i <= 200; i++) {
                lost += side.kernel.deliver(0, i, 60) ? 0 : 1;
                assertThat(side.kernel.deliver(1, i, 60)).isTrue();
                burst.clear();
                side.queues.get(1).receive(burst);
                assertThat(burst.size()).isEqualTo(1);
                boolean _ = side.queues.get(1).release();
            }
            assertThat(lost).isEqualTo(200 - RECEIVE_FRAMES);
        }
    }

    @Test
    void aFrameIsSentFromWhereItWasReceivedUnlessItIsSentAlready() {
        try (FrameMemory memory = new FrameMemory(1, 256, () -> 0);
                Side in = new Side(memory);
                Side out = new Side(memory)) {
            FramePool pool = memory.pools().getFirst();
            assertThat(in.kernel.deliver(0, 7, 100)).isTrue();
            in.queues.getFirst().receive(burst);
            int free = pool.freeFrames();
            long frame = burst.get(0).frame();
            // A header was put before it.
            assertThat(out.transmit(0, frame - 20, 120)).isTrue();
            assertThat(pool.freeFrames()).isEqualTo(free);
            assertThat(out.transmit(0, frame, 100)).isTrue();
            assertThat(pool.freeFrames()).isEqualTo(free - 1);
        }
    }

    @Test
    void framesOfAnInterfaceWhoseHardwareMayStillWriteRestForASecond() {
        long[] now = {0};
        try (FrameMemory memory = new FrameMemory(1, 256, () -> now[0])) {
            FramePool pool = memory.pools().getFirst();
            int owner = memory.reserve(100);
            int frame = pool.lendFree(owner);
            memory.retire(owner, 100, new int[] {1}, true);
            pool.reclaim();
            assertThat(pool.isFree(frame)).isFalse();
            assertThat(memory.reserve(100)).isEqualTo(FrameMemory.NO_OWNER);
            now[0] = 1_000_000_000L;
            pool.reclaim();
            assertThat(pool.isFree(frame)).isTrue();
            assertThat(memory.reserve(100)).isEqualTo(owner);
        }
    }
}
