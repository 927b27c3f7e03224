package io.weir.dataplane.worker;

import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.ServerRegistry;
import io.weir.dataplane.director.SyncReporter;
import io.weir.dataplane.flow.ConnectionLine;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;

/**
 * Who wants to know of the connections whose plain packets are forwarded: another balancer, and the
 * kernel, which is offered their flows. Mostly nobody does. Owned by the worker.
 */
final class PlainWatch {
    private final ConnectionTable table;
    private final ServerRegistry servers;
    private final SyncReporter reporter;
    private @Nullable FlowOffload offload;

    PlainWatch(Director director) {
        this.table = director.table();
        this.servers = director.servers();
        this.reporter = director.synchronisation().reporter();
    }

    /** Offers the flows to the kernel from now on. */
    void use(FlowOffload offloading) {
        offload = offloading;
    }

    /** Whether somebody wants to know; stays as it is while packets are forwarded. */
    boolean watches() {
        return offload != null || reporter.reports();
    }

    /** A client's packet of the connection with this line has been counted. */
    void request(long line, long condition) {
        reporter.clientPacket(table.slotAt(line));
        reply(line, condition);
    }

    /** A server's packet has. */
    void reply(long line, long condition) {
        FlowOffload kernel = offload;
        RealServer server = servers.get(ConnectionLine.serverNumber(line));
        if (kernel != null && server != null) {
            kernel.offer(table.slotAt(line), condition, server);
        }
    }
}
