package io.weir.bench.stage;

import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;

/**
 * Connections that servers count: with each new one an earlier one becomes active, one inactive
 * again, and one ends, so that their number stays once there are {@value #COUNT}.
 */
final class CountedConnections {
    /** How many there are. */
    static final int COUNT = 4096;

    private static final int ACTIVE_AFTER = 5;
    private static final int INACTIVE_AFTER = 2000;

    private final @Nullable RealServer[] ring = new RealServer[COUNT];
    private int next;

    /** Counts one more. */
    void add(RealServer server) {
        RealServer oldest = ring[next];
        if (oldest != null) {
            oldest.unbindConnection(false);
        }
        ring[next] = server;
        server.bindConnection();
        next = next + 1 & COUNT - 1;
        RealServer begun = earlier(ACTIVE_AFTER);
        if (begun != null) {
            begun.activate();
        }
        RealServer ending = earlier(INACTIVE_AFTER);
        if (ending != null) {
            ending.deactivate();
        }
    }

    // The one that so many came since, itself included.
    private @Nullable RealServer earlier(int since) {
        return ring[next - since & COUNT - 1];
    }
}
