package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/**
 * mh: the server that the client's address hashes to in a {@link MaglevTable}, of which a change of
 * the servers alters little.
 *
 * <p>With mh-port ({@link ServiceSettings#FLAG_2}) the client's port is part of the hash. A server
 * of weight 0 or overloaded keeps its slots, so that nobody else's clients move, and nobody is
 * picked there, unless mh-fallback ({@link ServiceSettings#FLAG_1}) lets the search go on.
 */
final class Maglev implements Scheduler {
    static final String NAME = "mh";

    private final MaglevTable table = new MaglevTable();

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        if (table.isEmpty()) {
            return null;
        }
        int flags = service.settings().schedulerFlags();
        int port = (flags & ServiceSettings.FLAG_2) != 0 ? flow.clientPort() : 0;
        int value = AddressHash.client(flow) + port;
        int slot = MaglevTable.slot(value);
        RealServer server = table.get(slot);
        if (server.eligible()) {
            return server;
        }
        boolean searches = (flags & ServiceSettings.FLAG_1) != 0 && anyEligible(service.servers());
        return searches ? fallback(value, slot) : null;
    }

    // Spares the thousands of hashes of a search that cannot find anybody.
    private static boolean anyEligible(RealServer[] servers) {
        for (RealServer server : servers) {
            if (server.eligible()) {
                return true;
            }
        }
        return false;
    }

    private @Nullable RealServer fallback(int value, int firstSlot) {
        for (int i = 0; i < MaglevTable.SIZE; i++) {
            int offset = (i + firstSlot) % MaglevTable.SIZE;
            RealServer server = table.get(MaglevTable.slot(value + offset));
            if (server.eligible()) {
                return server;
            }
        }
        return null;
    }

    @Override
    public void serverAdded(VirtualService service, RealServer server) {
        table.fill(service.servers());
    }

    @Override
    public void serverRemoved(VirtualService service, RealServer server) {
        table.fill(service.servers());
    }

    @Override
    public void serverEdited(VirtualService service, RealServer server) {
        table.fill(service.servers());
    }
}
