package io.weir.dataplane.egress;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.NeighbourEntry;

import org.jspecify.annotations.Nullable;

/**
 * How packets leave for one destination: all that a packet needs which no step has to be asked
 * about any more. Reused for another destination; owned by the worker.
 */
public final class WayOut {
    private int destination;
    private int changes;
    private int mtu;
    private @Nullable LinkPort out;
    private @Nullable Neighbour stale;
    private long nextMac;
    private long ownMac;

    /** Whether it is for a destination, and nothing has changed since it was found. */
    boolean leadsTo(int address, int currentChanges) {
        return destination == address && changes == currentChanges && out != null;
    }

    void set(int address, int currentChanges, Neighbour hop, LinkPort by) {
        destination = address;
        changes = currentChanges;
        out = by;
        stale = hop.state() == NeighbourEntry.State.STALE ? hop : null;
        mtu = by.link().mtu();
        nextMac = hop.mac();
        ownMac = by.link().mac();
    }

    /** The port; null only before it is used for the first time. */
    public @Nullable LinkPort out() {
        return out;
    }

    /** The neighbour, if it is to be asked again whether it is there; otherwise null. */
    public @Nullable Neighbour stale() {
        return stale;
    }

    /** The longest IP packet that it takes, in bytes. */
    public int mtu() {
        return mtu;
    }

    /** Where the link sends frames. */
    public long nextMac() {
        return nextMac;
    }

    /** The link's own address. */
    public long ownMac() {
        return ownMac;
    }

    /** Writes a frame's Ethernet addresses. */
    public void address(long frame) {
        Ethernet.setAddresses(frame, nextMac, ownMac);
    }
}
