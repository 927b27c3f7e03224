package io.weir.dataplane.director;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;

/**
 * Walks the connection table in small steps to end connections whose server is gone or was expelled
 * (expire_nodest_conn). Owned by the worker.
 */
final class ConnectionSweep {
    /** Slots looked at in one step: about 20 microseconds of memory reads. */
    static final int STEP = 8192;

    /** Connections ended in one step, each of which costs more than a hundred looks. */
    private static final int MOST_ENDED = 512;

    private final ConnectionTable table;
    private final ConnectionLife life;
    private final ServerRegistry servers;
    private final Sysctls sysctls;
    private int next;
    private int left;
    private boolean secondWalk;
    private boolean controllersLeft;

    ConnectionSweep(
            ConnectionTable table, ConnectionLife life, ServerRegistry servers, Sysctls sysctls) {
        this.table = table;
        this.life = life;
        this.servers = servers;
        this.sysctls = sysctls;
    }

    /** Starts a walk over the whole table; one under way starts again. */
    void start() {
        left = table.slots();
        secondWalk = false;
        controllersLeft = false;
    }

    /** Does one step; returns the slots looked at. */
    int step() {
        int steps = 0;
        int ended = 0;
        int most = Math.min(left, STEP);
        while (steps < most && ended < MOST_ENDED) {
            steps++;
            next = next + 1 == table.slots() ? 0 : next + 1;
            if (table.used(next) && condemned(next)) {
                if (table.controlled(next) == 0) {
                    life.endWithController(next);
                    ended++;
                } else {
                    controllersLeft = true;
                }
            }
        }
        left -= steps;
        // What a template or control connection had may end by itself after the walk has passed it.
        if (left == 0 && controllersLeft && !secondWalk) {
            left = table.slots();
            secondWalk = true;
        }
        return steps;
    }

    private boolean condemned(int slot) {
        RealServer server = servers.get(table.serverNumber(slot));
        return server != null
                && !server.available()
                && (server.expelled() || sysctls.on(Sysctl.EXPIRE_NODEST_CONN));
    }
}
