package io.weir.control.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

final class RecorderClockTest {
    @TempDir private Path folder;

    @Test
    void silencesShowWhenTicksCame() throws Exception {
        // The processor came back at 114, 144 and 174 ms.
        RecorderClock clock = clock(92.5, 93, 114.3, 115, 144.5, 145.1, 174.4, 175);
        assertThat(clock.millis(113.8) / 10).isEqualTo(clock.millis(104.2) / 10);
        assertThat(clock.millis(114.2) / 10).isEqualTo(clock.millis(113.8) / 10 + 1);
    }

    @Test
    void oneLateFrameDoesNotCount() throws Exception {
        RecorderClock clock = clock(93, 114.3, 115, 144.5, 145.1, 177.9, 178.3, 204.6);
        assertThat(clock.millis(144.2) / 10).isEqualTo(clock.millis(143.8) / 10 + 1);
    }

    @Test
    void aListingThatFollowsAtOnceIsReadAfterTheEventBefore() throws Exception {
        RecorderClock clock = clock(93, 114.3, 144.3, 174.3);
        assertThat(clock.readMillis(176, 178, 5)).isBetween(clock.millis(176), clock.millis(177));
    }

    @Test
    void aListingCompleteJustAfterTheTickThatEndedABreakWasReadBefore() throws Exception {
        RecorderClock clock = clock(93, 114.3, 144.3, 174.3);
        assertThat(clock.readMillis(182, 204.6, 10)).isEqualTo(clock.millis(182));
        assertThat(clock.readMillis(182, 208, 10) / 10).isEqualTo(clock.millis(204.5) / 10);
    }

    private RecorderClock clock(double... frameMillis) throws Exception {
        StringBuilder events = new StringBuilder();
        for (double millis : frameMillis) {
            events.append(
                    String.format(Locale.ROOT, "{\"t\":%.6f,\"op\":\"in\"}%n", millis / 1000));
        }
        Path file = Files.writeString(folder.resolve("events.jsonl"), events);
        return RecorderClock.of(RecordedEvents.read(file));
    }
}
