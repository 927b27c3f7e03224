package io.weir.dataplane.worker;

/**
 * When the flows in the kernel are looked at. A round over all of them begins four times a second,
 * if the one before is over, and is paced: it takes {@value #ROUND_MILLIS} ms with a quarter of a
 * million flows and a second with a million, and never more than a tenth of the worker's time. A
 * round that somebody waits for is not paced.
 *
 * <p>Owned by the worker.
 */
final class FlowWalk {
    /** How often a round begins. */
    static final int ROUND_MILLIS = 250;

    /** As many are looked at in a millisecond, some 80 ns each. */
    static final int PLACES_PER_MILLI = 1024;

    /** What a worker that has slept may catch up with, over several cycles. */
    private static final int MOST_CREDIT = ROUND_MILLIS * PLACES_PER_MILLI;

    private final FlowBatch batch;
    private boolean walking;
    private long nextRound;
    private long now;
    private int credit;
    private int hurriedRounds;

    FlowWalk(FlowBatch batch) {
        this.batch = batch;
    }

    /** How long a round over so many takes, in whole seconds. */
    static int roundSeconds(int places) {
        return places / (PLACES_PER_MILLI * 1000);
    }

    /** Looks at all that are live now as soon as it can. */
    void hurry() {
        hurriedRounds = walking ? 2 : 1; // those behind it have been looked at before
    }

    /**
     * Goes on, once in a cycle, to the flows to look at now.
     *
     * @return whether there is one in the batch
     */
    boolean advance(long nowMillis) {
        credit = (int) Math.min(MOST_CREDIT, credit + (nowMillis - now) * PLACES_PER_MILLI);
        now = nowMillis;
        if (!walking && (nowMillis >= nextRound || hurriedRounds > 0)) {
            walking = true;
            nextRound = nowMillis + ROUND_MILLIS;
            batch.restart();
        }
        int most = hurriedRounds > 0 ? FlowBatch.STEP : Math.min(FlowBatch.STEP, credit);
        if (!walking || most == 0) {
            return false;
        }
        if (!batch.advance(most)) {
            walking = false;
            hurriedRounds = Math.max(0, hurriedRounds - 1);
            return false;
        }
        credit = Math.max(0, credit - batch.size());
        return true;
    }
}
