package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/**
 * sh: the server that the client's address hashes to, in a table where each has as many slots in a
 * row as its weight.
 *
 * <p>With sh-port ({@link ServiceSettings#FLAG_2}) the client's port is part of the hash. A server
 * of weight 0 or overloaded keeps its slots, and nobody is picked there, unless sh-fallback ({@link
 * ServiceSettings#FLAG_1}) lets the search go on (recorded: sched-sh-flags-2).
 */
final class SourceHash implements Scheduler {
    static final String NAME = "sh";

    private static final int TABLE_BITS = 8;
    private static final int TABLE_SIZE = 1 << TABLE_BITS;

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
        int flags = service.settings().schedulerFlags();
        int port = (flags & ServiceSettings.FLAG_2) != 0 ? flow.clientPort() : 0;
        int hash = AddressHash.multiplicative(AddressHash.client(flow) + port, TABLE_BITS);
        if (table[hash].eligible()) {
            return table[hash];
        }
        return (flags & ServiceSettings.FLAG_1) != 0 ? fallback(hash) : null;
    }

    // The search starts at twice the hash, and as the servers' slots are in rows, so do the clients
    // of a failed server spread.
    private @Nullable RealServer fallback(int hash) {
        for (int offset = 0; offset < TABLE_SIZE; offset++) {
            RealServer server = table[(offset + 2 * hash) & (TABLE_SIZE - 1)];
            if (server.eligible()) {
                return server;
            }
        }
        return null;
    }

    @Override
    public void serverAdded(VirtualService service, RealServer server) {
        fill(service.servers());
    }

    @Override
    public void serverRemoved(VirtualService service, RealServer server) {
        fill(service.servers());
    }

    @Override
    public void serverEdited(VirtualService service, RealServer server) {
        fill(service.servers());
    }

    private void fill(RealServer[] servers) {
        table = new RealServer[servers.length == 0 ? 0 : TABLE_SIZE];
        int next = 0;
        int slots = 0;
        for (int i = 0; i < table.length; i++) {
            table[i] = servers[next];
            slots++;
            // A server of weight 0 has one slot too.
            if (slots >= servers[next].weight()) {
                next = next + 1 < servers.length ? next + 1 : 0;
                slots = 0;
            }
        }
    }
}
