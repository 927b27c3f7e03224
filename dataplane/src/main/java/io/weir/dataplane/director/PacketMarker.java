package io.weir.dataplane.director;

import io.weir.dataplane.packet.Packet;

/** Gives packets firewall marks. Runs on the worker for each IPv4 packet; allocates nothing. */
public interface PacketMarker {
    /** Marks nothing. */
    PacketMarker NONE = packet -> 0;

    /** The mark of a packet, 0 for none. */
    int mark(Packet packet);
}
