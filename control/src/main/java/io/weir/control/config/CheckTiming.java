package io.weir.control.config;

import java.time.Duration;

/**
 * When a check is made and what its results mean.
 *
 * @param interval from the end of one check to the beginning of the next, as nanny counts it
 * @param timeout what takes longer has failed
 * @param retryInterval from a failed check to the next while the server is still in service
 * @param fall so many failures in a row end the service, at least 1
 * @param rise so many passes in a row after a failure begin it again, at least 1
 * @param firstPass the very first check admits the server alone, if it passes
 * @param jitterPercent each interval is shortened by a random part of so many percent, so that the
 *     checks of many servers do not stay together
 */
public record CheckTiming(
        Duration interval,
        Duration timeout,
        Duration retryInterval,
        int fall,
        int rise,
        boolean firstPass,
        int jitterPercent) {
    public CheckTiming {
        if (fall < 1 || rise < 1 || jitterPercent < 0 || jitterPercent > 100) {
            throw new IllegalArgumentException(fall + ", " + rise + ", " + jitterPercent);
        }
    }

    /**
     * nanny's timing: one failure ends the service, and it takes as many passes as fit into the
     * re-entry time to begin it again.
     */
    public static CheckTiming nanny(Duration timeout, Duration reentry) {
        int rise = (int) Math.max(1, reentry.dividedBy(timeout));
        return new CheckTiming(timeout, timeout, timeout, 1, rise, true, 0);
    }
}
