package io.weir.control.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

class StallWatchTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final StallWatch watch = new StallWatch(now::get);

    @Test
    void regularLooksAreNoStall() {
        for (int i = 0; i < 100; i++) {
            pass(StallWatch.BEAT_MILLIS);
            assertThat(watch.look()).isZero();
        }
        pass(999);
        assertThat(watch.look()).isZero();
    }

    @Test
    void aSecondWithoutALookIsOneStall() {
        pass(1000);
        assertThat(watch.look()).isEqualTo(1);
        assertThat(watch.look()).isEqualTo(1);
        pass(60_000);
        assertThat(watch.look()).isEqualTo(2);
    }

    private void pass(long millis) {
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
