package io.weir.control.handover;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A moment by two clocks, of which one may be set and the other begins anew with the machine.
 *
 * @param wallMillis since 1970
 * @param bootMillis since the machine started, time asleep included
 */
record Moment(long wallMillis, long bootMillis) {
    private static final Path UPTIME = Path.of("/proc/uptime");

    /**
     * Now.
     *
     * @throws IOException without /proc
     */
    static Moment now() throws IOException {
        String text = Files.readString(UPTIME, StandardCharsets.US_ASCII);
        double seconds = Double.parseDouble(text.substring(0, text.indexOf(' ')));
        return new Moment(System.currentTimeMillis(), (long) (seconds * 1000));
    }

    /** Whether it was at most so long before another one, by both clocks. */
    boolean isWithin(long millis, Moment later) {
        long boot = later.bootMillis - bootMillis;
        return boot >= 0 && boot <= millis && Math.abs(later.wallMillis - wallMillis) <= millis;
    }
}
