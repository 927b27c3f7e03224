package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/**
 * nq: the first server without active connections, even if a faster one would serve sooner; as
 * {@link ShortestExpectedDelay} when none is idle.
 */
final class NeverQueue implements Scheduler {
    static final String NAME = "nq";

    private static final long IDLE = 0;

    private final LeastServer least =
            new LeastServer(new ServerIndex(), NeverQueue::measure, NeverQueue::idleOrShortest);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        return least.of(service.servers(), nowMillis);
    }

    private static long measure(RealServer server) {
        return server.eligible() && server.activeConnections() == 0
                ? IDLE
                : ShortestExpectedDelay.measure(server);
    }

    private static @Nullable RealServer idleOrShortest(RealServer[] servers) {
        for (RealServer server : servers) {
            if (server.eligible() && server.activeConnections() == 0) {
                return server;
            }
        }
        return ShortestExpectedDelay.shortest(servers);
    }
}
