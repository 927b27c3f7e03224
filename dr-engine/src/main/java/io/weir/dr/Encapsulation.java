package io.weir.dr;

import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.TunnelSettings;

/**
 * What stands between the outer IP header and the packet inside, in one kind of tunnel. Stateless
 * but for the packet; runs on the worker.
 */
interface Encapsulation {
    /** The outer header's protocol. */
    int protocol(boolean ipv6Inside);

    /** Bytes between the outer IP header and the packet inside. */
    int headerBytes(TunnelSettings settings);

    /**
     * Writes these bytes, directly before the packet's IP header.
     *
     * @param outer the outer IP header, which is complete and comes before them
     */
    void write(long outer, Packet packet, TunnelSettings settings);
}
