package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/** fo: always the server of the highest weight that is not overloaded. */
final class WeightedFailover implements Scheduler {
    static final String NAME = "fo";

    private final LeastServer heaviest =
            new LeastServer(
                    new ServerIndex(), WeightedFailover::measure, WeightedFailover::heaviest);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        return heaviest.of(service.servers(), nowMillis);
    }

    private static long measure(RealServer server) {
        return server.eligible() ? -server.weight() : LeastServer.NEVER;
    }

    private static @Nullable RealServer heaviest(RealServer[] servers) {
        RealServer best = null;
        for (RealServer server : servers) {
            if (server.eligible() && (best == null || server.weight() > best.weight())) {
                best = server;
            }
        }
        return best;
    }
}
