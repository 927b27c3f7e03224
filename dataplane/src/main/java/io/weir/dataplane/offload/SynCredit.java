package io.weir.dataplane.offload;

import io.weir.dataplane.memory.Memory;

/**
 * How many packets may wait for a worker before the kernel refuses further SYNs, in memory that the
 * programs there share with the worker. Nobody is called: the filter of the worker's packet sockets
 * counts what it accepts, the worker writes how far it may count before SYNs are refused.
 *
 * <p>That is {@value #MOST_WAITING} above what has been taken. What the filter has accepted may be
 * lost on its way; so whenever the worker has found nothing at all to take, everything accepted
 * before counts as taken. A worker that always finds something grants {@value #LEAST_PER_MILLI} in
 * a millisecond at least, so that no loss can keep new clients out for good.
 *
 * <pre>
 *   0 accepted as long as it is below this (8)   64 accepted (8)   72 SYNs refused (8)
 * </pre>
 *
 * <p>Numbers are in the machine's order. Owned by the worker, but for what the programs count.
 */
public final class SynCredit {
    /** Where it stands up to which number of accepted packets no SYN is refused. */
    public static final int MOST_ACCEPTED = 0;

    /** Where it stands how many packets have been accepted; on another cache line. */
    public static final int ACCEPTED = 64;

    /** Where it stands how many SYNs have been refused. */
    public static final int REFUSED = 72;

    /** The memory that it needs. */
    public static final int BYTES = 128;

    /**
     * As much of a receive ring as SYNs may fill: three eighths of a packet socket's with slots for
     * an MTU of 1500, three quarters of an AF_XDP socket's. So many clients may come while a worker
     * stands still for a while, and packets of connections find room behind them.
     */
    public static final int MOST_WAITING = 3072;

    /** As many connections as a busy worker with a full table lets begin in a millisecond. */
    static final int LEAST_PER_MILLI = 100;

    private final long memory;
    private long now;
    private long lastReceived;
    private long lastAccepted;
    private long lastRefused;
    private long most;

    /**
     * Begins with nothing accepted.
     *
     * @param memory {@link #BYTES} of zeroed memory, aligned to a cache line
     */
    public SynCredit(long memory) {
        this.memory = memory;
        grant(MOST_WAITING);
    }

    /**
     * Begins a cycle of the worker.
     *
     * @param received how many frames have been taken in all cycles so far
     */
    public void startCycle(long nowMillis, long received) {
        long accepted = Memory.longAcquire(memory + ACCEPTED);
        long taken = received - lastReceived;
        long next = taken == 0 ? lastAccepted + MOST_WAITING : most + taken;
        if (nowMillis != now) {
            next = Math.max(next, accepted + LEAST_PER_MILLI);
        }
        grant(Math.min(next, accepted + MOST_WAITING));
        now = nowMillis;
        lastReceived = received;
        lastAccepted = accepted;
    }

    private void grant(long next) {
        if (next != most) {
            most = next;
            Memory.putLongRelease(memory + MOST_ACCEPTED, next);
        }
    }

    /** How many SYNs have been refused since it was last asked. */
    public int takeRefused() {
        long before = lastRefused;
        lastRefused = Memory.longAcquire(memory + REFUSED);
        return (int) (lastRefused - before);
    }
}
