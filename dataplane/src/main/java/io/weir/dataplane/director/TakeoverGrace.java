package io.weir.dataplane.director;

import io.weir.dataplane.egress.CachedClock;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ServiceId;

/**
 * TCP packets of connections that nobody has told this balancer about yet. On a standby balancer,
 * and for a moment after it has become active, they are dropped: the host would answer a client's
 * with a reset and route a server's on with its private address, either of which ends a connection
 * that the partner's next report makes known. TCP sends them again. Owned by the worker.
 */
public final class TakeoverGrace {
    /** Time for a report that was on its way, and for TCP's first repetitions (RFC 6298). */
    private static final int MILLIS = 3_000;

    private final ServiceTable services;
    private final NatEndpoints natEndpoints;
    private final CachedClock clock;
    private boolean standby;
    private boolean ending;
    private long endMillis;

    TakeoverGrace(ServiceTable services, NatEndpoints natEndpoints, CachedClock clock) {
        this.services = services;
        this.natEndpoints = natEndpoints;
        this.clock = clock;
    }

    /** A standby balancer has it for as long as it is one, an active one for a moment more. */
    public void setStandby(boolean on) {
        if (standby && !on) {
            ending = true;
            endMillis = clock.millis() + MILLIS;
        }
        standby = on;
    }

    /** Whether a packet without a connection is to be dropped for this. */
    boolean covers(Packet packet) {
        return (standby || ending)
                && lasts()
                && packet.protocol() == ServiceId.TCP
                && (packet.tcpFlags() & Tcp.SYN) == 0
                && (services.lookup(packet.endpoints(), packet.mark()) != null
                        || natEndpoints.sent(packet.endpoints()));
    }

    private boolean lasts() {
        if (ending && clock.millis() - endMillis >= 0) {
            ending = false;
        }
        return standby || ending;
    }
}
