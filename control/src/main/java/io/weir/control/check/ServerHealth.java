package io.weir.control.check;

import java.time.Instant;
import java.util.List;

/**
 * What is known of a real server's health.
 *
 * @param since when it became so
 */
public record ServerHealth(ServerKey key, Health health, Instant since, List<CheckHealth> checks) {
    public ServerHealth {
        checks = List.copyOf(checks);
    }

    /**
     * What is known by one check.
     *
     * @param name the kind and the target, as "http 10.0.0.1:80"
     * @param detail what the last one saw, one line
     * @param passes checks that passed in a row, 0 after a failure
     * @param failures checks that failed in a row, 0 after a pass
     * @param lastMillis how long the last one took
     */
    public record CheckHealth(
            String name, Health health, String detail, int passes, int failures, long lastMillis) {}
}
