package io.weir.control.config;

import java.time.Duration;

/**
 * How a router that got addresses makes itself known by gratuitous ARP and unsolicited neighbour
 * advertisements.
 *
 * @param count how many times at once
 * @param interval the time between two of them
 * @param again after so long the same again; zero for not
 * @param refresh and from then on one time in each of these; zero for not
 */
public record AnnouncementConfig(int count, Duration interval, Duration again, Duration refresh) {
    /** Five, the same after five seconds, and one a minute from then on. */
    public static final AnnouncementConfig DEFAULT =
            new AnnouncementConfig(
                    5, Duration.ofMillis(20), Duration.ofSeconds(5), Duration.ofMinutes(1));
}
