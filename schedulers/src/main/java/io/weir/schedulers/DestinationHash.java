package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/**
 * dh: the server that the destination address hashes to, whatever the weights; nobody if that one
 * has weight 0 or is overloaded.
 */
final class DestinationHash implements Scheduler {
    static final String NAME = "dh";

    private static final int TABLE_BITS = 8;

    // The servers over and over in their order, or empty.
    private RealServer[] table = {};

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        if (table.length == 0) {
            return null;
        }
        int slot = AddressHash.multiplicative(AddressHash.virtual(flow), TABLE_BITS);
        return table[slot].eligible() ? table[slot] : null;
    }

    @Override
    public void serverAdded(VirtualService service, RealServer server) {
        fill(service.servers());
    }

    @Override
    public void serverRemoved(VirtualService service, RealServer server) {
        fill(service.servers());
    }

    private void fill(RealServer[] servers) {
        table = new RealServer[servers.length == 0 ? 0 : 1 << TABLE_BITS];
        for (int i = 0; i < table.length; i++) {
            table[i] = servers[i % servers.length];
        }
    }
}
