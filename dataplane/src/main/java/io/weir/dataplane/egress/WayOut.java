package io.weir.dataplane.egress;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.NeighbourEntry;

import org.jspecify.annotations.Nullable;

/**
 * How packets leave for one destination: all that a packet needs which no step has to be asked
 * about any more. Reused for another destination; owned by the worker.
 */
public class WayOut {
    private int destination;
    private int changes;
    private int mtu;
    private @Nullable LinkPort out;
    private @Nullable Neighbour stale;
    private long nextMac;
    private long ownMac;

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
        nextMac = hop.mac();
        ownMac = by.link().mac();
    }

    /** Leads nowhere any more. */
    final void clear() {
        out = null;
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

    /** Where the link sends frames. */
    public final long nextMac() {
        return nextMac;
    }

    /** The link's own address. */
    public final long ownMac() {
        return ownMac;
    }

    /** Writes a frame's Ethernet addresses. */
    public final void address(long frame) {
        Ethernet.setAddresses(frame, nextMac, ownMac);
    }
}
