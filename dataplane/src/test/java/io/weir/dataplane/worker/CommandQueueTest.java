package io.weir.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

class CommandQueueTest {
    private final CommandQueue queue = new CommandQueue();
    private final AtomicInteger wakes = new AtomicInteger();

    @Test
    void runsAtOnceWithoutAWorker() {
        assertThat(queue.call(() -> Thread.currentThread())).isSameAs(Thread.currentThread());
        AtomicInteger done = new AtomicInteger();
        assertThat(queue.post(done::incrementAndGet)).isTrue();
        assertThat(done).hasValue(1);
    }

    @Test
    void runsAtOnceOnTheWorkersOwnThread() {
        queue.attach(wakes::incrementAndGet);
        assertThat(queue.call(() -> 7)).isEqualTo(7);
        assertThat(wakes).hasValue(0);
    }

    @Test
    void runsOnTheWorkerForOthers() throws InterruptedException {
        queue.attach(wakes::incrementAndGet);
        AtomicReference<Thread> ranOn = new AtomicReference<>();
        AtomicInteger results = new AtomicInteger();
        Thread[] others = new Thread[4];
        for (int i = 0; i < others.length; i++) {
            others[i] =
                    new Thread(
                            () ->
                                    results.addAndGet(
                                            queue.call(
                                                    () -> {
                                                        ranOn.set(Thread.currentThread());
                                                        return 1;
                                                    })));
            others[i].start();
        }
        int done = 0;
        while (done < others.length) {
            done += queue.run();
            Thread.onSpinWait();
        }
        for (Thread other : others) {
            other.join();
        }
        assertThat(results).hasValue(others.length);
        assertThat(ranOn).hasValue(Thread.currentThread());
        assertThat(wakes).hasValue(others.length);
    }

    @Test
    void hasALimit() throws InterruptedException {
        queue.attach(() -> {});
        AtomicInteger done = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread other =
                new Thread(
                        () -> {
                            for (int i = 0; i < CommandQueue.CAPACITY + 5; i++) {
                                if (!queue.post(done::incrementAndGet)) {
                                    refused.incrementAndGet();
                                }
                            }
                            try {
                                queue.call(() -> 1);
                            } catch (IllegalStateException e) {
                                failure.set(e);
                            }
                        });
        other.start();
        other.join();
        assertThat(refused).hasValue(5);
        assertThat(failure.get()).hasMessageContaining("too many commands");
        assertThat(queue.run()).isPositive().isLessThan(CommandQueue.CAPACITY);
        queue.detach();
        assertThat(done).hasValue(CommandQueue.CAPACITY);
    }

    @Test
    void handsFailuresToTheCaller() throws InterruptedException {
        queue.attach(() -> {});
        CountDownLatch ended = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread other =
                new Thread(
                        () -> {
                            assertThatThrownBy(
                                            () ->
                                                    queue.call(
                                                            () -> {
                                                                throw new IllegalArgumentException(
                                                                        "no");
                                                            }))
                                    .satisfies(failure::set);
                            ended.countDown();
                        });
        other.start();
        while (ended.getCount() > 0) {
            queue.run();
            Thread.onSpinWait();
        }
        assertThat(failure.get())
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("no");
    }
}
