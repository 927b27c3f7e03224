package io.weir.dataplane.io.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(60)
class ParkingWaiterTest {
    private static final long LONG = TimeUnit.HOURS.toNanos(1);

    private final ParkingWaiter waiter = new ParkingWaiter();

    @Test
    void returnsWhenTimeIsUp() {
        waiter.await(1_000_000);
    }

    @Test
    void keepsAWakeThatComesFirst() {
        waiter.wake();
        waiter.wake();
        waiter.await(LONG);
    }

    @Test
    void isWokenWhileItWaits() throws InterruptedException {
        Thread sleeper = Thread.ofPlatform().start(() -> waiter.await(LONG));
        while (sleeper.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        waiter.wake();
        assertThat(sleeper.join(Duration.ofSeconds(30))).isTrue();
    }

    /**
     * Each step is shown, then woken for; the sleeper must see all of them without a time limit.
     */
    @Test
    void losesNoWake() throws InterruptedException {
        int steps = 50_000;
        AtomicInteger shown = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        Thread sleeper =
                Thread.ofPlatform()
                        .daemon()
                        .start(
                                () -> {
                                    while (seen.get() < steps) {
                                        if (shown.get() == seen.get()) {
                                            waiter.await(LONG);
                                        }
                                        seen.set(shown.get());
                                    }
                                });
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        for (int step = 1; step <= steps; step++) {
            shown.set(step);
            waiter.wake();
            while (step % 2 == 0 && seen.get() < step) {
                assertThat(System.nanoTime()).as("step %d not seen", step).isLessThan(deadline);
                Thread.onSpinWait();
            }
        }
        assertThat(sleeper.join(Duration.ofSeconds(30))).isTrue();
    }
}
