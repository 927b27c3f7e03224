package io.weir.schedulers;

import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;

/** Says for lblc and lblcr when a destination has to leave its server. Owned by the worker. */
final class Underused {
    private final LeastServer first;

    /** Makes it for the servers of an index. */
    Underused(ServerIndex index) {
        first = new LeastServer(index, Underused::measure, Underused::first);
    }

    /**
     * Tells whether a server has more active connections than its weight while another is below
     * half of its own weight; once all are above, nothing moves (recorded: sched-lblc-overload-1).
     */
    boolean insteadOf(RealServer server, VirtualService service, long nowMillis) {
        return server.activeConnections() > server.weight()
                && first.of(service.servers(), nowMillis) != null;
    }

    // The kernel does not ask here whether it is overloaded.
    private static boolean belowHalf(RealServer server) {
        return 2L * server.activeConnections() < server.weight();
    }

    private static long measure(RealServer server) {
        return belowHalf(server) ? 0 : LeastServer.NEVER;
    }

    private static @Nullable RealServer first(RealServer[] servers) {
        for (RealServer server : servers) {
            if (belowHalf(server)) {
                return server;
            }
        }
        return null;
    }
}
