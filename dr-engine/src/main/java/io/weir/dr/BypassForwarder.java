package io.weir.dr;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.PacketSelection;

/**
 * Past a service without servers to the packet's own destination (cache_bypass): as a router would
 * have sent it.
 */
public final class BypassForwarder implements Forwarder {
    @Override
    public ForwardingMethod method() {
        return ForwardingMethod.BYPASS;
    }

    @Override
    public void forward(PacketSelection packets, ConnectionTable connections) {
        // The way out was chosen by the destination; the frame is right as it is.
    }
}
