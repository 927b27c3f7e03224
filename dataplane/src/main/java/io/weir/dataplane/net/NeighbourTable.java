package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

/**
 * The neighbours of both families by link and address. Bounded: when it is full, those that do not
 * answer and have nothing pending make room, and if that is not enough, all that have nothing
 * pending. Owned by the worker; allocates only for a neighbour not met before.
 */
public final class NeighbourTable {
    /** The most neighbours kept. */
    public static final int LIMIT = 1 << 16;

    private final WayChanges changes;
    private @Nullable Neighbour[] slots = new Neighbour[256];
    private int size;
    private int evictions;

    /** Makes an empty table; changes of its neighbours are counted. */
    NeighbourTable(WayChanges changes) {
        this.changes = changes;
    }

    private static int hash(int linkIndex, long high, long low) {
        long mixed = (low ^ linkIndex) * 0x9E3779B97F4A7C15L ^ high * 0xC2B2AE3D27D4EB4FL;
        return (int) (mixed >>> 32) ^ (int) mixed >>> 7;
    }

    /** Finds a neighbour or makes an unresolved one; null if packets wait for all there can be. */
    public @Nullable Neighbour get(int linkIndex, int address) {
        Neighbour known = find(linkIndex, address);
        return known != null ? known : make(linkIndex, IpAddress.v4(address));
    }

    /** The same for an IPv6 address. */
    public @Nullable Neighbour get(int linkIndex, long high, long low) {
        Neighbour known = find(linkIndex, high, low);
        return known != null ? known : make(linkIndex, IpAddress.v6(high, low));
    }

    private @Nullable Neighbour make(int linkIndex, IpAddress address) {
        if (size >= LIMIT && !makeRoom()) {
            return null;
        }
        if ((size + 1) * 2 > slots.length) {
            rebuild(slots.length * 2, Keep.ALL);
        }
        Neighbour made = new Neighbour(linkIndex, address, changes);
        insert(made);
        return made;
    }

    private void insert(Neighbour neighbour) {
        int mask = slots.length - 1;
        IpAddress address = neighbour.ipAddress();
        int at = hash(neighbour.linkIndex(), address.high(), address.low()) & mask;
        while (slots[at] != null) {
            at = (at + 1) & mask;
        }
        slots[at] = neighbour;
        size++;
    }

    // Only if those that do not answer are few, those that do are forgotten as well: they can be
    // asked for again, and each walk over the table must make much room or it would be walked for
    // every packet.
    private boolean makeRoom() {
        evictions++;
        rebuild(slots.length, Keep.USABLE);
        if (size > LIMIT / 4 * 3) {
            rebuild(slots.length, Keep.AWAITED);
        }
        return size < LIMIT;
    }

    private enum Keep {
        ALL,
        USABLE,
        AWAITED
    }

    private void rebuild(int length, Keep keep) {
        @Nullable Neighbour[] old = slots;
        slots = new Neighbour[length];
        size = 0;
        for (Neighbour neighbour : old) {
            if (neighbour != null
                    && (keep == Keep.ALL
                            || neighbour.pendingCount() > 0
                            || (keep == Keep.USABLE && neighbour.usable()))) {
                insert(neighbour);
            }
        }
    }

    /** How often neighbours were thrown out; those who keep any must look again when it changes. */
    int evictions() {
        return evictions;
    }

    /** Finds a neighbour; null if there is none. */
    @Nullable Neighbour find(int linkIndex, int address) {
        return find(linkIndex, false, 0, address & 0xffffffffL);
    }

    /** The same for an IPv6 address. */
    @Nullable Neighbour find(int linkIndex, long high, long low) {
        return find(linkIndex, true, high, low);
    }

    private @Nullable Neighbour find(int linkIndex, boolean ipv6, long high, long low) {
        int mask = slots.length - 1;
        int at = hash(linkIndex, high, low) & mask;
        for (Neighbour found = slots[at]; found != null; found = slots[at]) {
            if (found.hasAddress(ipv6, high, low) && found.linkIndex() == linkIndex) {
                return found;
            }
            at = (at + 1) & mask;
        }
        return null;
    }

    /** Takes news of a neighbour. */
    public @Nullable Neighbour update(NeighbourEntry entry) {
        IpAddress address = entry.address();
        Neighbour neighbour =
                address.ipv6()
                        ? get(entry.linkIndex(), address.high(), address.low())
                        : get(entry.linkIndex(), address.v4());
        if (neighbour != null) {
            neighbour.learned(entry.state(), entry.mac());
        }
        return neighbour;
    }

    /** Lets all that speak for themselves grow older. */
    public void age(long lastCallMillis) {
        for (Neighbour neighbour : slots) {
            if (neighbour != null) {
                neighbour.age(lastCallMillis);
            }
        }
    }

    public int size() {
        return size;
    }
}
