package io.weir.dr;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.PacketSelection;

/**
 * Direct routing: the packet goes to the real server's Ethernet address, and the server answers the
 * client itself. Nothing of the IP packet changes but the time to live, which the router's path has
 * lowered already (recorded: fwd-dr, ip-ttl).
 */
public final class DirectRouteForwarder implements Forwarder {
    @Override
    public ForwardingMethod method() {
        return ForwardingMethod.ROUTE;
    }

    @Override
    public void forward(PacketSelection packets, ConnectionTable connections) {
        // The way out was chosen by the server's address; the frame is right as it is.
    }
}
