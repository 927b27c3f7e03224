package io.weir.control.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.AnnouncementConfig;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class AnnouncementScheduleTest {
    private static final long MILLI = 1_000_000;

    /** The times, in milliseconds, of all announcements up to a limit. */
    private static List<Long> times(AnnouncementConfig config, long untilMillis) {
        List<Long> times = new ArrayList<>();
        long now = Long.MAX_VALUE - 10 * MILLI; // the clock wraps around
        long start = now;
        AnnouncementSchedule schedule = new AnnouncementSchedule(config, now);
        while (true) {
            long wait = schedule.waitNanos(now);
            if (wait == Long.MAX_VALUE || (now + wait - start) / MILLI > untilMillis) {
                return times;
            }
            now += Math.max(0, wait);
            times.add((now - start) / MILLI);
            schedule.made(now);
        }
    }

    private static AnnouncementConfig config(int count, int interval, int again, int refresh) {
        return new AnnouncementConfig(
                count,
                Duration.ofMillis(interval),
                Duration.ofMillis(again),
                Duration.ofMillis(refresh));
    }

    @Test
    void burstThenAgainThenRefresh() {
        assertThat(times(config(3, 20, 5000, 60_000), 200_000))
                .containsExactly(0L, 20L, 40L, 5040L, 5060L, 5080L, 65_080L, 125_080L, 185_080L);
    }

    @Test
    void zeroTurnsOff() {
        assertThat(times(config(2, 10, 0, 0), 200_000)).containsExactly(0L, 10L);
        assertThat(times(config(2, 10, 100, 0), 200_000)).containsExactly(0L, 10L, 110L, 120L);
        assertThat(times(config(1, 10, 0, 500), 1600)).containsExactly(0L, 500L, 1000L, 1500L);
        assertThat(times(config(0, 10, 100, 0), 200_000)).isEmpty();
        assertThat(times(config(0, 10, 100, 700), 1500)).containsExactly(700L, 1400L);
    }

    @Test
    void beginningEndsWithTheFirstBurst() {
        AnnouncementSchedule schedule = new AnnouncementSchedule(config(2, 10, 100, 0), 0);
        assertThat(schedule.isBegun()).isFalse();
        schedule.made(0);
        assertThat(schedule.isBegun()).isFalse();
        schedule.made(10);
        assertThat(schedule.isBegun()).isTrue();
        assertThat(new AnnouncementSchedule(config(0, 10, 0, 0), 0).isBegun()).isTrue();
    }
}
