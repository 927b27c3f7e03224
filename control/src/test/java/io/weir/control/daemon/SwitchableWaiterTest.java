package io.weir.control.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.PacketWaiter;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

class SwitchableWaiterTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(20);

    /** Waits for a permit; tells when it is used after its end. */
    private static final class Waiter implements PacketWaiter {
        private final Semaphore wakes = new Semaphore(0);
        private final CountDownLatch entered = new CountDownLatch(1);
        private volatile boolean closed;
        private volatile boolean misused;

        @Override
        public void await(long nanos) {
            misused |= closed;
            entered.countDown();
            try {
                if (wakes.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
                    wakes.drainPermits();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            misused |= closed;
        }

        @Override
        public void wake() {
            misused |= closed;
            wakes.release();
        }

        @Override
        public void close() {
            misused |= closed;
            closed = true;
        }
    }

    @Test
    void replacingWakesTheWorkerAndEndsTheOldWaiterLater() throws InterruptedException {
        Waiter first = new Waiter();
        Waiter second = new Waiter();
        SwitchableWaiter waiter = new SwitchableWaiter(first);
        Thread worker = Thread.ofPlatform().start(() -> waiter.await(LONG));
        first.entered.await();
        waiter.replace(second);
        worker.join();
        assertThat(first.closed).as("closed before the worker waits again").isFalse();
        second.wake();
        waiter.await(LONG);
        assertThat(first.closed).isTrue();
        assertThat(second.closed).isFalse();
        waiter.close();
        assertThat(second.closed).isTrue();
        assertThat(first.misused || second.misused).isFalse();
    }

    @Test
    void aWakeIsNeverLostAndNoWaiterIsUsedAfterItsEnd() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicBoolean misused = new AtomicBoolean();
        AtomicLong posted = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        SwitchableWaiter waiter = new SwitchableWaiter(new Waiter());
        Thread worker =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    while (!stop.get()) {
                                        seen.set(posted.get());
                                        waiter.await(LONG);
                                    }
                                });
        for (int i = 0; i < 20_000; i++) {
            if (i % 3 == 0) {
                Waiter next = new Waiter();
                waiter.replace(next);
                misused.compareAndSet(false, next.misused);
            }
            posted.incrementAndGet();
            waiter.wake();
        }
        long deadline = System.nanoTime() + LONG / 2;
        while (seen.get() < posted.get() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        long last = seen.get();
        stop.set(true);
        waiter.wake();
        worker.join();
        waiter.close();
        assertThat(last)
                .as("the last wake was answered before its timeout")
                .isEqualTo(posted.get());
        assertThat(misused).isFalse();
    }
}
