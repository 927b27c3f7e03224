package io.weir.dataplane.director;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.service.RealServer;

/**
 * Walks the connection table in small steps to end connections whose server is gone
 * (expire_nodest_conn). Owned by the worker.
 */
final class ConnectionSweep {
    /** Slots looked at in one step: about 20 microseconds of memory reads. */
    static final int STEP = 8192;

    private final ConnectionTable table;
    private final ConnectionLife life;
    private final ServerRegistry servers;
    private int next;
    private int left;

    ConnectionSweep(ConnectionTable table, ConnectionLife life, ServerRegistry servers) {
        this.table = table;
        this.life = life;
        this.servers = servers;
    }

    /** Starts a walk over the whole table; one under way starts again. */
    void start() {
        left = table.slots();
    }

    /** Does one step; returns the slots looked at. */
    int step() {
        int steps = Math.min(left, STEP);
        for (int i = 0; i < steps; i++) {
            next = next + 1 == table.slots() ? 0 : next + 1;
            if (table.used(next) && table.controlled(next) == 0 && condemned(next)) {
                life.endWithController(next);
            }
        }
        left -= steps;
        return steps;
    }

    private boolean condemned(int slot) {
        RealServer server = servers.get(table.serverNumber(slot));
        return server != null && !server.available();
    }
}
