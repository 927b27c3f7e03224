package io.weir.control.keeper;

/**
 * The weight of a server in service: it may start slowly, follow the server's load, and be told by
 * a check program (lvs-features.md 3, "slow start" and "load formula").
 */
final class WeightCourse {
    /** A server starts with this part of its weight, at least with 1. */
    private static final int SLOW_START_PART = 32;

    /** How far load can raise a weight. */
    private static final int MOST_TIMES = 10;

    private static final long DONE = Long.MAX_VALUE;

    private int base;
    private boolean slowStart;
    private long stepMillis;
    private int weight;
    private long nextStep = DONE;

    /**
     * Starts with the whole weight.
     *
     * @param base the weight when all is well
     * @param slowStart whether {@link #enter} begins with a part of it
     * @param stepMillis the time from one doubling to the next
     */
    WeightCourse(int base, boolean slowStart, long stepMillis) {
        this.base = base;
        this.slowStart = slowStart;
        this.stepMillis = stepMillis;
        this.weight = base;
    }

    WeightCourse(WeightCourse other) {
        this(other.base, other.slowStart, other.stepMillis);
        this.weight = other.weight;
        this.nextStep = other.nextStep;
    }

    int weight() {
        return weight;
    }

    /** Whether the weight still grows to the whole one. */
    boolean starting() {
        return nextStep != DONE;
    }

    /** The server enters the service. */
    void enter(long now) {
        weight = slowStart ? Math.min(base, Math.max(1, base / SLOW_START_PART)) : base;
        nextStep = weight < base ? now + stepMillis : DONE;
    }

    /** Doubles the weight as often as it is time to. */
    void advance(long now) {
        while (now >= nextStep) {
            weight = (int) Math.min(base, 2L * weight);
            nextStep = weight < base ? nextStep + stepMillis : DONE;
        }
    }

    /** Takes other settings; what has begun goes on from where it is. */
    void configure(int newBase, boolean starts, long newStepMillis) {
        slowStart = starts;
        stepMillis = newStepMillis;
        rebase(newBase);
        if (!starts && starting()) {
            weight = base;
            nextStep = DONE;
        }
    }

    /** Takes another whole weight. */
    void rebase(int newBase) {
        if (newBase == base) {
            return;
        }
        base = newBase;
        if (!starting() || weight >= base) {
            weight = base;
            nextStep = DONE;
        }
    }

    /** Forgets what load has made of the weight. */
    void forgetLoad() {
        if (!starting()) {
            weight = base;
        }
    }

    /**
     * Follows the load once the weight is whole: an idle server gets up to ten times its weight, a
     * busy one comes back to its own; differences of less than a quarter are left.
     *
     * @param load processes that want to run; a negative one is none
     */
    void follow(double load) {
        if (starting() || !(load >= 0) || load == 1) {
            return;
        }
        double step = base / 2.0 * Math.cbrt(Math.abs(1 - load));
        double wanted =
                load < 1
                        ? Math.min(weight + step, (double) MOST_TIMES * base)
                        : Math.max(weight - step, base);
        int rounded = (int) Math.min(wanted, Integer.MAX_VALUE);
        if (rounded != weight && 4 * Math.abs((long) rounded - weight) >= base) {
            weight = rounded;
        }
    }
}
