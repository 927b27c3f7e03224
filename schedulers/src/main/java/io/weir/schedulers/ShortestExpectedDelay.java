package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/**
 * sed: the server with the least (active connections + 1) per weight, that is, the one that would
 * be least loaded with the new connection on it. Inactive connections do not count.
 */
final class ShortestExpectedDelay implements Scheduler {
    static final String NAME = "sed";

    private final LeastServer shortest =
            new LeastServer(
                    new ServerIndex(),
                    ShortestExpectedDelay::measure,
                    ShortestExpectedDelay::shortest);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        return shortest.of(service.servers(), nowMillis);
    }

    /** Positive for any server that may be picked. */
    static long measure(RealServer server) {
        return server.eligible()
                ? LeastServer.perWeight(server.activeConnections() + 1L, server.weight())
                : LeastServer.NEVER;
    }

    static @Nullable RealServer shortest(RealServer[] servers) {
        RealServer shortest = null;
        for (RealServer server : servers) {
            if (server.eligible() && (shortest == null || sooner(server, shortest))) {
                shortest = server;
            }
        }
        return shortest;
    }

    private static boolean sooner(RealServer one, RealServer other) {
        return (one.activeConnections() + 1L) * other.weight()
                < (other.activeConnections() + 1L) * one.weight();
    }
}
