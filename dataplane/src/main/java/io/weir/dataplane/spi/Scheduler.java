package io.weir.dataplane.spi;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;

/**
 * Picks the real server of a new connection. One instance serves one virtual service, so it may
 * keep a position or a table.
 *
 * <p>Runs on the worker thread. Servers are offered in the order of {@link VirtualService#servers},
 * and the first of equals wins (BEHAVIOUR.md, "Order and schedulers").
 */
public interface Scheduler {
    /** The name ipvsadm knows it by. */
    String name();

    /**
     * Picks a server.
     *
     * @param service the service the connection is for
     * @param flow the addresses and ports of its first packet
     * @param nowMillis the worker's clock
     * @return null if no server can take it
     */
    @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis);

    /** The server was put at the head of the list. */
    default void serverAdded(VirtualService service, RealServer server) {}

    /** The server was taken out of the list. */
    default void serverRemoved(VirtualService service, RealServer server) {}

    /** A server's settings changed, its weight perhaps. */
    default void serverEdited(VirtualService service, RealServer server) {}

    /** The service's flags changed while the scheduler stayed. */
    default void serviceEdited(VirtualService service) {}

    /** Called about once a second for work that is not urgent; each call does little. */
    default void housekeeping(long nowMillis) {}
}
