package io.weir.dataplane.egress;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.NeighbourEntry;

import org.jspecify.annotations.Nullable;

/**
 * How packets leave for one destination: all that a packet needs which no step has to be asked
 * about any more. Reused for another destination; owned by the worker.
 */
public class WayOut {
    private static final int NOTHING = -1;

    private int destination;
    private int changes;
    private int mtu;
    private @Nullable LinkPort out;
    private @Nullable Neighbour stale;

    // The longest packet that may leave at once, without anything else to do; negative if none may.
    private int limit = NOTHING;

    // The Ethernet addresses as they lie in a frame: its first 8 bytes and the 4 that follow.
    private long addresses;
    private int addressesRest;

    /** Whether it is for a destination, and nothing has changed since it was found. */
    final boolean leadsTo(int address, int currentChanges) {
        return destination == address && changes == currentChanges && out != null;
    }

    final void set(int address, int currentChanges, Neighbour hop, LinkPort by) {
        destination = address;
        changes = currentChanges;
        out = by;
        stale = hop.state() == NeighbourEntry.State.STALE ? hop : null;
        mtu = by.link().mtu();
        long ownMac = by.link().mac();
        limit = stale == null ? mtu : NOTHING;
        addresses = Long.reverseBytes(hop.mac() << Short.SIZE | ownMac >>> Integer.SIZE);
        addressesRest = Integer.reverseBytes((int) ownMac);
    }

    /** Leads nowhere any more. */
    final void clear() {
        out = null;
        limit = NOTHING;
    }

    /**
     * The longest IP packet that may leave without the neighbour being asked about, in bytes;
     * negative if none may.
     */
    public final int limit() {
        return limit;
    }

    /** The port; null if it leads nowhere. */
    public final @Nullable LinkPort out() {
        return out;
    }

    /** The neighbour, if it is to be asked again whether it is there; otherwise null. */
    public final @Nullable Neighbour stale() {
        return stale;
    }

    /** The longest IP packet that it takes, in bytes. */
    public final int mtu() {
        return mtu;
    }

    /** Writes a frame's Ethernet addresses. */
    public final void address(long frame) {
        Memory.putNativeLong(frame, addresses);
        Memory.putNativeInt(frame + Long.BYTES, addressesRest);
    }
}
