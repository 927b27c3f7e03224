package io.weir.dataplane.director;

/**
 * How many connections may begin while the table is nearly full: as many as the worker has time
 * for, and {@value #LEAST} in a millisecond in any case. While the table has room there is no
 * limit.
 *
 * <p>A connection that takes the place of a half-open one costs several packets of established
 * connections. Under a flood of SYNs the worker's time would go into connections that end before
 * anybody uses them. So whenever it has been busy for {@value #PERIOD_MILLIS} ms without a break
 * the limit halves; after a period with a break it grows again. What is refused is refused early.
 * Owned by the worker.
 */
public final class Admission {
    /** With what makes room for them they take less than a tenth of a worker's time. */
    static final int LEAST = 100;

    /** More than a worker can do. */
    static final int MOST = 12_800;

    static final long PERIOD_MILLIS = 10;

    /** How long the limit holds on when the table has room again. */
    static final long HOLD_MILLIS = 1_000;

    private static final int GROWING_PART = 8;

    private boolean limited;
    private long limitedUntil;
    private int perMilli = MOST;
    private int left;
    private long now;
    private long nextPeriod;
    private boolean received;
    private boolean hadBreak;

    Admission() {}

    /** Begins a cycle. */
    void startCycle(long nowMillis) {
        hadBreak |= !received;
        received = false;
        if (nowMillis == now) {
            return;
        }
        if (nowMillis >= nextPeriod) {
            nextPeriod = nowMillis + PERIOD_MILLIS;
            perMilli =
                    hadBreak
                            ? Math.min(MOST, perMilli + perMilli / GROWING_PART)
                            : Math.max(LEAST, perMilli / 2);
            hadBreak = false;
        }
        // After a pause of the worker as many as ten milliseconds bring.
        long earned = Math.min(nowMillis - now, PERIOD_MILLIS) * perMilli;
        left = (int) Math.min(PERIOD_MILLIS * perMilli, left + earned);
        now = nowMillis;
        limited = limited && nowMillis < limitedUntil;
    }

    /** Packets have come in this cycle. */
    public void received() {
        received = true;
    }

    /** The table is nearly full. */
    void limit() {
        limited = true;
        limitedUntil = now + HOLD_MILLIS;
    }

    /** Lets one connection begin, if it may. */
    boolean admit() {
        if (limited && left == 0) {
            return false;
        }
        left = Math.max(0, left - 1);
        return true;
    }

    /** Whether no connection may begin for now. */
    public boolean exhausted() {
        return limited && left == 0;
    }
}
