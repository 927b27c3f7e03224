package io.weir.control.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

final class RecorderClockTest {
    @TempDir private Path folder;

    @Test
    void silencesShowWhenTicksCame() throws Exception {
        // The processor was lost at 94, 124 and 154 ms and came back at 114, 144 and 174 ms.
        RecorderClock clock = clock(93.5, 114.3, 123.6, 144.5, 153.7, 174.4, 175);
        assertThat(clock.millis(113.8) / 10).isEqualTo(clock.millis(104.2) / 10);
        assertThat(clock.millis(114.2) / 10).isEqualTo(clock.millis(113.8) / 10 + 1);
    }

    @Test
    void oneLateFrameDoesNotCount() throws Exception {
        RecorderClock clock = clock(93.5, 114.3, 123.6, 144.5, 153.7, 177.9, 178.3, 204.6);
        assertThat(clock.millis(144.2) / 10).isEqualTo(clock.millis(143.8) / 10 + 1);
    }

    @Test
    void withoutASilenceTheRecorderBeganInTheMiddleOfATick() throws Exception {
        RecorderClock clock = clock(93, 94, 95);
        assertThat(clock.millis(105.2) / 10).isEqualTo(clock.millis(95.4) / 10);
        assertThat(clock.millis(105.4) / 10).isEqualTo(clock.millis(95.4) / 10 + 1);
    }

    @Test
    void aListingThatFollowsAtOnceIsReadALittleAfterTheEventBefore() throws Exception {
        RecorderClock clock = clock(93, 114.3, 144.3, 174.3);
        RecordedEvents.Event frame = frame(175);
        assertThat(clock.readMillis(frame, NEVER, 180, 0)).isEqualTo(clock.millis(177.55));
        assertThat(clock.readMillis(frame, 170, 177, 0)).isEqualTo(clock.millis(176.3));
        assertThat(clock.readMillis(frame, NEVER, 176, 0)).isEqualTo(clock.millis(175.7));
        assertThat(clock.readMillis(null, NEVER, 1.5, 0)).isEqualTo(clock.millis(1.2));
    }

    @Test
    void aTickBeforeTheTableIsReadLetsItBeReadAfterTheBreak() throws Exception {
        RecorderClock clock = clock(93, 114.3, 144.3, 174.3);
        assertThat(clock.readMillis(frame(178), NEVER, 204.6, 10)).isEqualTo(clock.millis(180.75));
        assertThat(clock.readMillis(frame(182), NEVER, 204.6, 10)).isEqualTo(clock.millis(203.4));
        assertThat(clock.readMillis(frame(178), NEVER, 209, 10))
                .as("what follows the break is all that a listing takes")
                .isEqualTo(clock.millis(207.8));
    }

    private static final double NEVER = Double.NEGATIVE_INFINITY;

    private RecordedEvents.Event frame(double millis) throws Exception {
        return events(millis).getFirst();
    }

    private RecorderClock clock(double... frameMillis) throws Exception {
        return RecorderClock.of(events(frameMillis));
    }

    private List<RecordedEvents.Event> events(double... frameMillis) throws Exception {
        StringBuilder events = new StringBuilder();
        for (double millis : frameMillis) {
            events.append(
                    String.format(Locale.ROOT, "{\"t\":%.6f,\"op\":\"in\"}%n", millis / 1000));
        }
        Path file = Files.writeString(folder.resolve("events.jsonl"), events);
        return RecordedEvents.read(file);
    }
}
