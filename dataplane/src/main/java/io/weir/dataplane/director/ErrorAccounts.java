package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.egress.IcmpErrors;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.TrafficCounters;
import io.weir.dataplane.service.VirtualService;

/**
 * Counts the ICMP errors that clients get about connections that are not translated: to the kernel
 * they look like the server's packets, since they come from the virtual address (recorded: ip-ttl,
 * icmp-dr; the --stats at their end). Owned by the worker.
 */
public final class ErrorAccounts implements IcmpErrors.Listener {
    private final ConnectionTable table;
    private final ServerRegistry servers;
    private final TrafficCounters totals;

    public ErrorAccounts(ConnectionTable table, ServerRegistry servers, TrafficCounters totals) {
        this.table = table;
        this.servers = servers;
        this.totals = totals;
    }

    @Override
    public void sent(Packet about, int bytes) {
        int slot = about.connection();
        if (slot != NONE
                && !about.reply()
                && table.method(slot) != ForwardingMethod.MASQUERADE.code()) {
            out(slot, bytes);
        }
    }

    /** Counts a packet to the client of a connection. */
    void out(int slot, int bytes) {
        RealServer server = servers.get(table.serverNumber(slot));
        if (server == null || !server.available()) {
            return;
        }
        server.counters().out(bytes);
        totals.out(bytes);
        VirtualService service = server.owner();
        if (service != null) {
            service.counters().out(bytes);
        }
    }
}
