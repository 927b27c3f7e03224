package io.weir.dataplane.net;

/** A next hop: an address on a link and, once known, its Ethernet address. Owned by the worker. */
public final class Neighbour {
    /** No packet of this neighbour is pending. */
    public static final int NO_PENDING = -1;

    private final int linkIndex;
    private final long high;
    private final long low;
    private final IpAddress ipAddress;
    private final WayChanges changes;
    private NeighbourEntry.State state = NeighbourEntry.State.GONE;
    private long mac;
    private long lastRequestMillis = Long.MIN_VALUE / 2;
    private long firstRequestMillis;
    private int firstPending = NO_PENDING;
    private int pendingCount;
    private boolean ages;
    private boolean heard;

    Neighbour(int linkIndex, IpAddress address, WayChanges changes) {
        this.linkIndex = linkIndex;
        this.changes = changes;
        this.high = address.high();
        this.low = address.low();
        this.ipAddress = address;
    }

    public int linkIndex() {
        return linkIndex;
    }

    /** The IPv4 address. */
    public int address() {
        return (int) low;
    }

    public boolean ipv6() {
        return ipAddress.ipv6();
    }

    /** Tells whether this is its address; an IPv4 one has {@code otherHigh} 0. */
    boolean hasAddress(boolean wide, long otherHigh, long otherLow) {
        return low == otherLow && high == otherHigh && ipAddress.ipv6() == wide;
    }

    /** Its address as whoever is asked for it wants it; made once. */
    public IpAddress ipAddress() {
        return ipAddress;
    }

    public NeighbourEntry.State state() {
        return state;
    }

    /** Whether {@link #mac} can be used. */
    public boolean usable() {
        return state == NeighbourEntry.State.USABLE || state == NeighbourEntry.State.STALE;
    }

    public long mac() {
        return mac;
    }

    /** Takes news of it by somebody who knows how long they are good. */
    void learned(NeighbourEntry.State newState, long newMac) {
        if (mac != newMac) {
            mac = newMac;
            changes.note();
        }
        setState(newState);
        ages = false;
    }

    /** Takes what it said of itself, which is not good for ever. */
    void heard(long newMac) {
        learned(NeighbourEntry.State.USABLE, newMac);
        ages = true;
        heard = true;
    }

    /**
     * Doubts what it said of itself if it has said nothing since this was last called, and forgets
     * it if it was asked in the meantime.
     */
    void age(long lastCallMillis) {
        if (ages && !heard) {
            if (state == NeighbourEntry.State.USABLE) {
                setState(NeighbourEntry.State.STALE);
            } else if (state == NeighbourEntry.State.STALE && lastRequestMillis > lastCallMillis) {
                setState(NeighbourEntry.State.FAILED);
            }
        }
        heard = false;
    }

    /** Marks it as asked for, or as not answering. */
    public void setState(NeighbourEntry.State newState) {
        if (state != newState) {
            state = newState;
            changes.note();
        }
    }

    public long lastRequestMillis() {
        return lastRequestMillis;
    }

    public long firstRequestMillis() {
        return firstRequestMillis;
    }

    /** Notes that it has been asked for; {@code first} starts the time it has for an answer. */
    public void requested(long nowMillis, boolean first) {
        lastRequestMillis = nowMillis;
        if (first) {
            firstRequestMillis = nowMillis;
        }
    }

    /** The slot of the oldest packet that waits for it, {@link #NO_PENDING} if none does. */
    public int firstPending() {
        return firstPending;
    }

    public int pendingCount() {
        return pendingCount;
    }

    public void setPending(int first, int count) {
        firstPending = first;
        pendingCount = count;
    }
}
