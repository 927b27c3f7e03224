package io.weir.bench.live;

/**
 * About as many packets as pass: more while most arrive, and what arrived when many were lost.
 *
 * <p>A balancer that is offered much more spends time on packets that it then loses. How much says
 * something about its behaviour under attack, but not what a packet costs. Some are always lost at
 * the limit: a veth holds 256 frames, which come within the time that a thread waits for its turn.
 */
final class HighestRate implements Offer {
    private static final int FIRST = 100_000;
    private static final int LEAST = 20_000;
    private static final int MOST = 5_000_000;

    /** From the least to a million in 2 s, at a step each 50 ms. */
    private static final double GROWTH_WITHOUT_LOSS = 1.12;

    private static final double GROWTH = 1.04;
    private static final double NO_LOSS = 0.99;
    private static final double ENOUGH = 0.92;

    /** One step may have met a pause of the whole machine. */
    private static final double DEEPEST_FALL = 0.7;

    private double rate = FIRST;

    @Override
    public int first() {
        return (int) rate;
    }

    @Override
    public int next(long sent, long arrived) {
        if (sent > 0) {
            double passed = (double) arrived / sent;
            if (passed < ENOUGH) {
                rate *= Math.max(DEEPEST_FALL, passed);
            } else {
                rate *= passed < NO_LOSS ? GROWTH : GROWTH_WITHOUT_LOSS;
            }
            rate = Math.clamp(rate, LEAST, MOST);
        }
        return (int) rate;
    }
}
