package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

/**
 * The IPv4 neighbours by link and address. Bounded: when it is full, those that do not answer and
 * have nothing pending make room. Owned by the worker; allocates only for a neighbour not met
 * before.
 */
public final class NeighbourTable {
    /** The most neighbours kept. */
    public static final int LIMIT = 1 << 16;

    private @Nullable Neighbour[] slots = new Neighbour[256];
    private int size;

    private static int hash(int linkIndex, int address) {
        int mixed = (address ^ linkIndex * 0x9E3779B1) * 0x85EBCA6B;
        return mixed ^ mixed >>> 15;
    }

    /** Finds a neighbour or makes an unresolved one; null if the table is full of live ones. */
    public @Nullable Neighbour get(int linkIndex, int address) {
        int mask = slots.length - 1;
        int at = hash(linkIndex, address) & mask;
        for (Neighbour found = slots[at]; found != null; found = slots[at]) {
            if (found.address() == address && found.linkIndex() == linkIndex) {
                return found;
            }
            at = (at + 1) & mask;
        }
        if (size >= LIMIT && !makeRoom()) {
            return null;
        }
        if ((size + 1) * 2 > slots.length) {
            rebuild(slots.length * 2, true);
        }
        Neighbour made = new Neighbour(linkIndex, address);
        insert(made);
        return made;
    }

    private void insert(Neighbour neighbour) {
        int mask = slots.length - 1;
        int at = hash(neighbour.linkIndex(), neighbour.address()) & mask;
        while (slots[at] != null) {
            at = (at + 1) & mask;
        }
        slots[at] = neighbour;
        size++;
    }

    private boolean makeRoom() {
        rebuild(slots.length, false);
        return size < LIMIT;
    }

    private void rebuild(int length, boolean keepAll) {
        @Nullable Neighbour[] old = slots;
        slots = new Neighbour[length];
        size = 0;
        for (Neighbour neighbour : old) {
            if (neighbour != null
                    && (keepAll || neighbour.usable() || neighbour.pendingCount() > 0)) {
                insert(neighbour);
            }
        }
    }

    /** Takes news of a neighbour. */
    public @Nullable Neighbour update(NeighbourEntry entry) {
        Neighbour neighbour = get(entry.linkIndex(), entry.address().v4());
        if (neighbour != null) {
            neighbour.learned(entry.state(), entry.mac());
        }
        return neighbour;
    }

    public int size() {
        return size;
    }
}
