package io.weir.dataplane.worker;

/**
 * How a worker has spent its time; see {@link WorkerMeter} for what a turn is.
 *
 * @param busyShare the part of its time that it worked, 0 to 1, a moving average over about ten
 *     seconds
 * @param busyNanos how long it has worked since the start
 * @param recentTurns turns of the last ten minutes
 * @param turns turns since the start
 * @param turnSums the time of turns since the start by their length
 * @param recentLateness how much later than it wanted to it woke up in the last ten minutes, each
 *     time that no packet woke it before
 * @param lateness the same since the start
 */
public record WorkerTimes(
        double busyShare,
        long busyNanos,
        DurationSpread recentTurns,
        DurationSpread turns,
        DurationSums turnSums,
        DurationSpread recentLateness,
        DurationSpread lateness) {
    /** Those of a worker that has not run. */
    public static final WorkerTimes NONE =
            new WorkerTimes(
                    0,
                    0,
                    DurationSpread.NONE,
                    DurationSpread.NONE,
                    DurationSums.NONE,
                    DurationSpread.NONE,
                    DurationSpread.NONE);
}
