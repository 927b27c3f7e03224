package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/**
 * ovf: the server of the highest weight until its active connections exceed its weight, then the
 * next highest. When all are over, nobody is picked (recorded: sched-ovf-basic-2).
 */
final class WeightedOverflow implements Scheduler {
    static final String NAME = "ovf";

    private final LeastServer heaviest =
            new LeastServer(
                    new ServerIndex(), WeightedOverflow::measure, WeightedOverflow::heaviest);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        return heaviest.of(service.servers(), nowMillis);
    }

    private static boolean takesMore(RealServer server) {
        return server.eligible() && server.activeConnections() <= server.weight();
    }

    private static long measure(RealServer server) {
        return takesMore(server) ? -server.weight() : LeastServer.NEVER;
    }

    private static @Nullable RealServer heaviest(RealServer[] servers) {
        RealServer best = null;
        for (RealServer server : servers) {
            if (takesMore(server) && (best == null || server.weight() > best.weight())) {
                best = server;
            }
        }
        return best;
    }
}
