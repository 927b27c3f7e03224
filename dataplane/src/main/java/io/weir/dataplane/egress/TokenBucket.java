package io.weir.dataplane.egress;

/**
 * Allows a rate of events with a burst (as net.ipv4.icmp_msgs_per_sec does). Owned by the worker.
 */
public final class TokenBucket {
    private final long perSecond;
    private final long burst;
    private long tokensMilli;
    private long lastMillis;

    /**
     * Makes a full bucket.
     *
     * @param perSecond events a second; 0 for no limit
     * @param burst events at once
     */
    public TokenBucket(long perSecond, long burst) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.tokensMilli = burst * 1000;
    }

    /** Takes a token if there is one. */
    public boolean take(long nowMillis) {
        if (perSecond == 0) {
            return true;
        }
        long earned = Math.min(nowMillis - lastMillis, 60_000) * perSecond;
        lastMillis = nowMillis;
        tokensMilli = Math.min(burst * 1000, tokensMilli + earned);
        if (tokensMilli < 1000) {
            return false;
        }
        tokensMilli -= 1000;
        return true;
    }
}
