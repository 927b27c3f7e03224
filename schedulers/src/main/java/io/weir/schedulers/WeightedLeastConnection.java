package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/** wlc: the server with the least {@link RealServer#overhead} per weight. */
final class WeightedLeastConnection implements Scheduler {
    static final String NAME = "wlc";

    private final LeastServer least = least(new ServerIndex());

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        return least.of(service.servers(), nowMillis);
    }

    /** What finds the least loaded server of an index. */
    static LeastServer least(ServerIndex index) {
        return new LeastServer(
                index, WeightedLeastConnection::measure, WeightedLeastConnection::leastLoaded);
    }

    private static long measure(RealServer server) {
        return server.eligible()
                ? LeastServer.perWeight(server.overhead(), server.weight())
                : LeastServer.NEVER;
    }

    static @Nullable RealServer leastLoaded(RealServer[] servers) {
        RealServer least = null;
        for (RealServer server : servers) {
            if (server.eligible() && (least == null || lighter(server, least))) {
                least = server;
            }
        }
        return least;
    }

    /** Compares overhead per weight by cross multiplication: a quotient would round. */
    static boolean lighter(RealServer one, RealServer other) {
        return one.overhead() * other.weight() < other.overhead() * one.weight();
    }
}
