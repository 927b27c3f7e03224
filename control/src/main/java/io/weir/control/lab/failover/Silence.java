package io.weir.control.lab.failover;

/**
 * The longest time without a sign of life since {@link #begin}, to a thread that waits for signs.
 * Any thread.
 */
final class Silence {
    private long lastNanos = System.nanoTime();
    private long longestNanos;
    private long signs;

    /** Starts to measure, as if there had been a sign just now. */
    synchronized void begin() {
        lastNanos = System.nanoTime();
        longestNanos = 0;
        signs = 0;
    }

    /** There was a sign. */
    synchronized void sign() {
        long now = System.nanoTime();
        longestNanos = Math.max(longestNanos, now - lastNanos);
        lastNanos = now;
        signs++;
    }

    /** The longest time between two signs, or since the last one. */
    synchronized long longestMillis() {
        return Math.max(longestNanos, System.nanoTime() - lastNanos) / 1_000_000;
    }

    /** How many signs there were. */
    synchronized long signs() {
        return signs;
    }
}
