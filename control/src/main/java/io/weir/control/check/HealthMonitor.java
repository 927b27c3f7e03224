package io.weir.control.check;

import java.util.Collection;
import java.util.List;

/** Watches real servers. Methods may be called from any thread. */
public interface HealthMonitor extends AutoCloseable {
    /**
     * Replaces what is watched. A server keeps its health, and a check its history, if it is equal
     * to one that was watched before; what is new is checked at once. A changed check takes no
     * server down or up before it has ended. Takes effect soon, calls in their order.
     */
    void watch(Collection<MonitoredServer> servers);

    /** Takes the health of servers over from another process, before the first {@link #watch}. */
    void restore(Collection<ServerHealth> known);

    /** Makes every check that is waiting for its turn now. */
    void checkNow();

    /** The state of every watched server. */
    List<ServerHealth> snapshot();

    @Override
    void close();
}
