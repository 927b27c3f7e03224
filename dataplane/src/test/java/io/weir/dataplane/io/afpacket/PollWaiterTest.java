package io.weir.dataplane.io.afpacket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.util.List;
import java.util.concurrent.TimeUnit;

@EnabledOnOs(OS.LINUX)
class PollWaiterTest {
    private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long SHORT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static long timed(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return System.nanoTime() - start;
    }

    @Test
    void wakeBeforeAwaitIsNotLost() throws SystemCallException {
        try (PollWaiter waiter = new PollWaiter(List.of())) {
            waiter.wake();
            assertThat(timed(() -> waiter.await(LONG_NANOS))).isLessThan(SHORT_NANOS);
            assertThat(timed(() -> waiter.await(10_000_000))).isGreaterThanOrEqualTo(10_000_000);
        }
    }

    @Test
    void wakeEndsAwaitHoweverTheTwoMeet() throws Exception {
        try (PollWaiter waiter = new PollWaiter(List.of())) {
            long[] longest = new long[1];
            Thread sleeper =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (!Thread.currentThread().isInterrupted()) {
                                            long took = timed(() -> waiter.await(LONG_NANOS));
                                            longest[0] = Math.max(longest[0], took);
                                        }
                                    });
            for (int i = 0; i < 20_000; i++) {
                waiter.wake();
                if (i % 100 == 0) {
                    Thread.sleep(1);
                }
            }
            sleeper.interrupt();
            waiter.wake();
            sleeper.join(TimeUnit.SECONDS.toMillis(10));
            assertThat(sleeper.isAlive()).isFalse();
            assertThat(longest[0]).isLessThan(SHORT_NANOS);
        }
    }

    @Test
    void wakeAfterCloseDoesNothing() throws SystemCallException {
        PollWaiter waiter = new PollWaiter(List.of());
        waiter.close();
        waiter.wake();
        assertThat(waiter).isNotNull();
    }

    @Test
    void frameEndsAwaitAlsoAfterTheInterfaceWentDownAndUp() throws SystemCallException {
        try (NamespaceLab lab = new NamespaceLab();
                NativeBlock frame = new NativeBlock(64)) {
            NetworkNamespace left = lab.namespace("left");
            NetworkNamespace right = lab.namespace("right");
            lab.join(left, "l0", right, "r0");
            RingSize size = RingSize.forMtu(1500);
            Memory.fill(frame.address(), 12, (byte) 0xff);
            Memory.putU16(frame.address() + 12, 0x88b5);
            try (AfPacketPort sender =
                            left.call(
                                    () -> AfPacketPort.open("l0", AfPacketPort.EVERY_FRAME, size));
                    AfPacketPort receiver =
                            right.call(
                                    () -> AfPacketPort.open("r0", AfPacketPort.EVERY_FRAME, size));
                    PollWaiter waiter = new PollWaiter(List.of(receiver))) {
                expectFrame(sender, receiver, waiter, frame);
                NamespaceLab.run("ip", "-n", right.toString(), "link", "set", "r0", "down");
                waiter.await(10_000_000);
                drain(receiver);
                // The error at the socket is gone, so this one really sleeps.
                assertThat(timed(() -> waiter.await(30_000_000)))
                        .isGreaterThanOrEqualTo(30_000_000);
                NamespaceLab.run("ip", "-n", right.toString(), "link", "set", "r0", "up");
                expectFrame(sender, receiver, waiter, frame);
            }
        }
    }

    private static void drain(AfPacketPort receiver) {
        PacketBurst burst = new PacketBurst();
        while (receiver.receive(burst) > 0) {
            burst.clear();
            receiver.release();
        }
    }

    private static void expectFrame(
            AfPacketPort sender, AfPacketPort receiver, PollWaiter waiter, NativeBlock frame) {
        PacketBurst burst = new PacketBurst();
        long end = System.nanoTime() + SHORT_NANOS;
        boolean seen = false;
        while (!seen && System.nanoTime() < end) {
            sender.transmit(frame.address(), 64, 0);
            sender.flush();
            waiter.await(100_000_000);
            receiver.receive(burst);
            for (int i = 0; i < burst.size(); i++) {
                seen |= Memory.u16(burst.get(i).frame() + 12) == 0x88b5;
            }
            burst.clear();
            receiver.release();
        }
        assertThat(seen).isTrue();
    }
}
