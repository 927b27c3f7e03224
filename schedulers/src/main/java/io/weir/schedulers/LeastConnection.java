package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/** lc: the server with the least {@link RealServer#overhead}, whatever the weights. */
final class LeastConnection implements Scheduler {
    static final String NAME = "lc";

    private final LeastServer least =
            new LeastServer(
                    new ServerIndex(), LeastConnection::measure, LeastConnection::leastLoaded);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        return least.of(service.servers(), nowMillis);
    }

    private static long measure(RealServer server) {
        return server.eligible() ? server.overhead() : LeastServer.NEVER;
    }

    private static @Nullable RealServer leastLoaded(RealServer[] servers) {
        RealServer least = null;
        for (RealServer server : servers) {
            if (server.eligible() && (least == null || server.overhead() < least.overhead())) {
                least = server;
            }
        }
        return least;
    }
}
