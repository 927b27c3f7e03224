package io.weir.control.lvscf;

import io.weir.control.config.AnnouncementConfig;

import java.time.Duration;

/** Reads how often and how long a new active router announces its addresses. */
final class AnnouncementReader {
    private static final int MAX_COUNT = 100;

    private AnnouncementReader() {}

    static AnnouncementConfig read(Section section, AnnouncementConfig otherwise) {
        return new AnnouncementConfig(
                section.read("garp_count", otherwise.count(), Values.integer(1, MAX_COUNT)),
                section.read("garp_interval", otherwise.interval(), Values.seconds(Duration.ZERO)),
                section.read("garp_again", otherwise.again(), Values.seconds(Duration.ZERO)),
                section.read("garp_refresh", otherwise.refresh(), Values.seconds(Duration.ZERO)));
    }
}
