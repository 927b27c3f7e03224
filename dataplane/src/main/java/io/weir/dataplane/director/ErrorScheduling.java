package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.service.VirtualService;

/**
 * schedule_icmp: gives an ICMP error about a packet of a virtual service, of which no connection is
 * known, the real server that the client's packets would get, and makes the connection (recorded:
 * icmp-schedule). Owned by the worker.
 */
final class ErrorScheduling {
    private final ServiceTable services;
    private final ConnectionScheduler scheduler;
    private final DropCounters drops;

    /** A packet of the client, as far as the error tells. */
    private final Packet client = new Packet();

    ErrorScheduling(ServiceTable services, ConnectionScheduler scheduler, DropCounters drops) {
        this.services = services;
        this.scheduler = scheduler;
        this.drops = drops;
    }

    /**
     * Makes a connection for the client of the quoted packet.
     *
     * @param ends the client as source, the virtual endpoint as destination
     * @return its slot; {@link io.weir.dataplane.flow.ConnectionTable#NONE} if there is no service,
     *     or if the error was dropped
     */
    int schedule(Packet error, Endpoints ends) {
        VirtualService service = services.lookup(ends, error.mark());
        if (service == null) {
            return NONE;
        }
        client.setIp(error.ip(), error.ipHeaderBytes(), error.ipHeaderBytes());
        client.setEnds(ends);
        client.setMark(error.mark());
        client.decide(Verdict.UNDECIDED);
        int slot = scheduler.schedule(client, service);
        if (client.verdict() == Verdict.DROP) {
            error.decide(Verdict.DROP);
        } else if (slot == NONE) {
            drops.drop(error, DropReason.NO_SERVER);
        }
        return slot;
    }
}
