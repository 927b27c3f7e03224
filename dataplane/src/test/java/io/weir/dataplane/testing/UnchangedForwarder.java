package io.weir.dataplane.testing;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.PacketSelection;

/** Direct routing as far as a worker alone does it: packets go on as they are. */
public final class UnchangedForwarder implements Forwarder {
    @Override
    public ForwardingMethod method() {
        return ForwardingMethod.ROUTE;
    }

    @Override
    public void forward(PacketSelection packets, ConnectionTable connections) {}
}
