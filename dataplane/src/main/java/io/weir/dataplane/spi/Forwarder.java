package io.weir.dataplane.spi;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.service.ForwardingMethod;

/**
 * Rewrites packets so that they reach their real server, or their client, in one forwarding method.
 *
 * <p>Called once per burst and method, on the worker thread. Each packet is bound to a connection
 * of its method, has passed the router's checks, its time to live is lowered, and it may be written
 * to including {@link io.weir.dataplane.io.PacketPort#HEADROOM_BYTES} before the frame. A forwarder
 * does not choose the way out and does not touch Ethernet addresses.
 */
public interface Forwarder {
    ForwardingMethod method();

    /** Bytes that it puts in front of an IP packet of this connection. */
    default int overheadBytes(ConnectionTable connections, int slot) {
        return 0;
    }

    /** Rewrites the packets in place. */
    void forward(PacketSelection packets, ConnectionTable connections);
}
