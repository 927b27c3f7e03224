package io.weir.dataplane.egress;

/** The time of the worker's present cycle: read once a cycle, the same for all of its packets. */
public final class CachedClock {
    private long millis;

    /** Milliseconds since the worker's epoch; never goes back. */
    public long millis() {
        return millis;
    }

    /** Sets the time; called by the worker at the start of a cycle. */
    public void set(long nowMillis) {
        millis = nowMillis;
    }
}
