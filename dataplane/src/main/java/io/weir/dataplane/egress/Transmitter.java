package io.weir.dataplane.egress;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NeighbourResolver;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;

/**
 * Puts Ethernet addresses on frames and queues them at the port of their neighbour's link; keeps
 * those whose neighbour is not known yet. Counts what it cannot send. Owned by the worker.
 */
public final class Transmitter implements AutoCloseable {
    /** How long a neighbour has to answer before its packets are given up. */
    static final long ANSWER_MILLIS = 3_000;

    private static final long REPEAT_MILLIS = 1_000;
    private static final long CONFIRM_MILLIS = 5_000;

    private final LinkPorts ports;
    private final NeighbourResolver resolver;
    private final PendingPackets pending = new PendingPackets();
    private final Neighbour[] waiting = new Neighbour[PendingPackets.SLOTS];
    private int waitingCount;
    private final DropCounters drops;
    private final CachedClock clock;

    public Transmitter(
            LinkPorts ports, NeighbourResolver resolver, DropCounters drops, CachedClock clock) {
        this.ports = ports;
        this.resolver = resolver;
        this.drops = drops;
        this.clock = clock;
    }

    /**
     * Sends a frame, complete but for its Ethernet addresses, to a neighbour.
     *
     * @param vnetHeader the address of its virtio_net_hdr or 0
     */
    public void send(Neighbour neighbour, long frame, int bytes, long vnetHeader) {
        LinkPort out = ports.onLink(neighbour.linkIndex());
        if (out == null || !out.link().up()) {
            drops.count(DropReason.LINK_DOWN);
            return;
        }
        if (!neighbour.usable()) {
            await(neighbour, frame, bytes, vnetHeader);
            return;
        }
        confirm(neighbour);
        queue(out, neighbour, frame, bytes, vnetHeader);
    }

    /**
     * Asks a neighbour to which packets go, but of which nothing was heard of late, whether it is
     * still there; not more often than every five seconds.
     */
    public void confirm(Neighbour neighbour) {
        if (neighbour.state() == NeighbourEntry.State.STALE
                && clock.millis() - neighbour.lastRequestMillis() >= CONFIRM_MILLIS) {
            ask(neighbour, false);
        }
    }

    private void queue(LinkPort out, Neighbour to, long frame, int bytes, long vnetHeader) {
        Ethernet.setDestination(frame, to.mac());
        Ethernet.setSource(frame, out.link().mac());
        if (!out.port().transmit(frame, bytes, vnetHeader)) {
            drops.count(DropReason.TRANSMIT_FULL);
        }
    }

    private void await(Neighbour neighbour, long frame, int bytes, long vnetHeader) {
        long now = clock.millis();
        if (neighbour.state() == NeighbourEntry.State.FAILED
                && now - neighbour.lastRequestMillis() < REPEAT_MILLIS) {
            drops.count(DropReason.NEIGHBOUR_UNREACHABLE);
            return;
        }
        if (!pending.add(neighbour, frame, bytes, vnetHeader)) {
            drops.count(DropReason.NEIGHBOUR_PENDING_FULL);
            // Asked for nevertheless, or whoever fills the queue decides whom others may reach.
            if (now - neighbour.lastRequestMillis() >= REPEAT_MILLIS) {
                ask(neighbour, neighbour.pendingCount() == 0);
            }
            return;
        }
        if (neighbour.pendingCount() == 1) {
            noteWaiting(neighbour);
            neighbour.setState(NeighbourEntry.State.INCOMPLETE);
            ask(neighbour, true);
        } else if (now - neighbour.lastRequestMillis() >= REPEAT_MILLIS) {
            ask(neighbour, false);
        }
    }

    private void ask(Neighbour neighbour, boolean first) {
        neighbour.requested(clock.millis(), first);
        resolver.resolve(neighbour.linkIndex(), neighbour.ipAddress());
    }

    /** Takes up what was learned of a neighbour: its packets go, or are given up. */
    public void changed(Neighbour neighbour) {
        if (neighbour.usable()) {
            release(neighbour);
        } else if (neighbour.state() == NeighbourEntry.State.FAILED) {
            giveUp(neighbour);
        }
    }

    // One frame at a time is flushed: its slot is free for the next packet that waits.
    private void release(Neighbour neighbour) {
        LinkPort out = ports.onLink(neighbour.linkIndex());
        int slot = pending.remove(neighbour);
        while (slot != Neighbour.NO_PENDING) {
            if (out == null) {
                drops.count(DropReason.LINK_DOWN);
            } else {
                long frame = pending.frame(slot);
                queue(out, neighbour, frame, pending.bytes(slot), pending.vnetHeader(slot));
                out.port().flush();
            }
            slot = pending.remove(neighbour);
        }
    }

    private void giveUp(Neighbour neighbour) {
        neighbour.setState(NeighbourEntry.State.FAILED);
        while (pending.remove(neighbour) != Neighbour.NO_PENDING) {
            drops.count(DropReason.NEIGHBOUR_UNREACHABLE);
        }
    }

    // Each has a pending packet when it is noted, and packets are bounded, so there is room once
    // the idle ones are forgotten.
    private void noteWaiting(Neighbour neighbour) {
        if (waitingCount == waiting.length) {
            forgetIdle();
        }
        if (waitingCount < waiting.length) {
            waiting[waitingCount++] = neighbour;
        }
    }

    private void forgetIdle() {
        int kept = 0;
        for (int i = 0; i < waitingCount; i++) {
            if (waiting[i].pendingCount() > 0) {
                waiting[kept++] = waiting[i];
            }
        }
        waitingCount = kept;
    }

    /** Repeats requests and gives up packets that waited too long; due a few times a second. */
    public void housekeeping() {
        forgetIdle();
        long now = clock.millis();
        for (int i = 0; i < waitingCount; i++) {
            Neighbour neighbour = waiting[i];
            if (now - neighbour.firstRequestMillis() >= ANSWER_MILLIS) {
                giveUp(neighbour);
            } else if (now - neighbour.lastRequestMillis() >= REPEAT_MILLIS) {
                ask(neighbour, false);
            }
        }
    }

    @Override
    public void close() {
        pending.close();
    }
}
