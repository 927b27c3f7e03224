package io.weir.control;

/**
 * Decides how long a worker without work goes on looking for some before it sleeps.
 *
 * <p>Sleeping costs the next packet a wake-up, looking costs CPU. How long to look is learned from
 * the idle times of before: of all limits the one that would have cost least, if a wake-up is worth
 * so much looking. What follows a packet that came after a long time (often the answer to it) is
 * learned apart from what follows one that did not (often the next question, much later).
 *
 * <p>Time is passed in, in nanoseconds. Owned by the worker's thread.
 */
final class AdaptivePolling {
    /** The longest that it looks, in nanoseconds. */
    static final long LONGEST_NANOS = Gaps.SHORTEST_NANOS << (Gaps.LIMITS - 1);

    // Measured: a wake-up delays a packet by 50 to 100 us on an idle virtual CPU.
    private static final long WAKE_NANOS = 100_000;

    // Where wake-ups are rare they may cost more: looking in vain takes 1/64 of the CPU at most.
    private static final int RARE_SHARE = 64;
    private static final long RARE_NANOS = 500_000;
    private static final int MEAN_OF = 32;

    private final Gaps afterLong = new Gaps(256_000);
    private final Gaps afterShort = new Gaps(64_000);
    private Gaps gaps = afterShort;
    private long meanNanos = WAKE_NANOS;
    private long idleSince;

    /** There is no work any more. */
    void idle(long now) {
        idleSince = now;
    }

    /** Whether to look once more, instead of sleeping. */
    boolean looksOn(long now) {
        return now - idleSince < gaps.limitNanos;
    }

    /** There is work again. */
    void busy(long now) {
        long gap = now - idleSince;
        meanNanos += (gap - meanNanos) / MEAN_OF;
        gaps.add(gap, WAKE_NANOS + Math.min(meanNanos / RARE_SHARE, RARE_NANOS));
        gaps = gap > Math.min(meanNanos / 2, LONGEST_NANOS) ? afterLong : afterShort;
    }

    /** The idle times of late, the older the less, and the limit that suits them. */
    private static final class Gaps {
        static final long SHORTEST_NANOS = 8_000;
        static final int LIMITS = 8;

        private static final int PERIOD = 32;

        // One for each limit, with the gaps up to it, and one for what is longer.
        private final int[] counts = new int[LIMITS + 1];
        private long limitNanos;
        private int untilReckoning = PERIOD;

        Gaps(long firstLimitNanos) {
            limitNanos = firstLimitNanos;
        }

        void add(long gap, long wakeNanos) {
            counts[shortestLimit(gap)]++;
            if (--untilReckoning == 0) {
                untilReckoning = PERIOD;
                reckon(wakeNanos);
            }
        }

        private static int shortestLimit(long gap) {
            int limit = 0;
            while (limit < LIMITS && gap > SHORTEST_NANOS << limit) {
                limit++;
            }
            return limit;
        }

        private void reckon(long wakeNanos) {
            long missed = 0;
            for (int count : counts) {
                missed += count;
            }
            long looked = 0;
            long least = missed * wakeNanos;
            limitNanos = 0;
            for (int i = 0; i < LIMITS; i++) {
                long limit = SHORTEST_NANOS << i;
                missed -= counts[i];
                looked += counts[i] * limit;
                long cost = looked + missed * (limit + wakeNanos);
                if (cost < least) {
                    least = cost;
                    limitNanos = limit;
                }
            }
            for (int i = 0; i < counts.length; i++) {
                counts[i] >>= 1;
            }
        }
    }
}
