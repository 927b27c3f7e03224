package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/**
 * lblc: a destination address stays with one server, for the sake of that server's caches, and
 * moves to the least loaded one when it is gone or overloaded.
 *
 * <p>Unused destinations are forgotten after {@link Sysctl#LBLC_EXPIRATION} seconds.
 */
final class LocalityLeastConnection implements Scheduler {
    static final String NAME = "lblc";

    private final Sysctls sysctls;
    private final DestinationTable table;
    private final LeastServer least;
    private final Underused underused;

    LocalityLeastConnection(Sysctls sysctls, long secret) {
        this.sysctls = sysctls;
        this.table = new DestinationTable(secret);
        ServerIndex index = new ServerIndex();
        this.least = WeightedLeastConnection.least(index);
        this.underused = new Underused(index);
    }

    @Override
    public String name() {
        return NAME;
    }

    DestinationTable table() {
        return table;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        DestinationTable.Entry entry = table.find(flow, nowMillis);
        if (entry != null) {
            RealServer server = entry.member(0);
            boolean usable = server.available() && !server.draining() && server.weight() > 0;
            if (usable && !underused.insteadOf(server, service, nowMillis)) {
                return server;
            }
        }
        RealServer server = least.of(service.servers(), nowMillis);
        if (server == null) {
            return null;
        }
        if (entry != null) {
            entry.set(server);
        } else {
            table.put(flow, server, nowMillis);
        }
        return server;
    }

    @Override
    public void serverAdded(VirtualService service, RealServer server) {
        table.replace(server);
    }

    @Override
    public void housekeeping(long nowMillis) {
        table.housekeeping(nowMillis, 1000L * sysctls.get(Sysctl.LBLC_EXPIRATION));
    }
}
