package io.weir.dataplane.worker;

import io.weir.dataplane.director.Director;
import io.weir.dataplane.egress.ForwardingPath;
import io.weir.dataplane.egress.IcmpErrors;
import io.weir.dataplane.egress.IpOptions;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Sctp;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.Sysctl;

/**
 * Decides about packets that belong to no connection and are not for the host: a router sends them
 * on as they are (RFC 1812 5.2). Owned by the worker.
 */
final class Router {
    private final Network network;
    private final ForwardingPath path;
    private final IcmpErrors errors;
    private final Director director;
    private final DropCounters drops;
    private final boolean routing;
    private final boolean routingIpv6;

    Router(
            Network network,
            ForwardingPath path,
            IcmpErrors errors,
            Director director,
            DropCounters drops,
            WorkerOptions options) {
        this.network = network;
        this.path = path;
        this.errors = errors;
        this.director = director;
        this.drops = drops;
        this.routing = options.routing();
        this.routingIpv6 = options.routingIpv6();
    }

    /** Admits a packet to its way out, or drops it. */
    void route(Packet packet) {
        if (network.isDestinationUnroutable(packet.endpoints())) {
            drops.drop(packet, DropReason.DESTINATION_INVALID);
        } else if (!(packet.ipv6() ? routingIpv6 : routing)) {
            drops.drop(packet, DropReason.FORWARDING_OFF);
        } else if (path.admit(packet, 0)) {
            if (refusedReply(packet)) {
                errors.portUnreachable(packet);
                drops.drop(packet, DropReason.REPLY_UNKNOWN);
            } else if (IpOptions.recorded(packet)) {
                IpOptions.readdress(packet, network.sourceFor(packet.destination()));
            }
        }
    }

    private boolean refusedReply(Packet packet) {
        return director.sysctls().on(Sysctl.NAT_ICMP_SEND)
                && packet.portsPresent()
                && !ends(packet)
                && director.isFromNatServer(packet.endpoints());
    }

    // Whoever gives up a connection is not told that there is none.
    private static boolean ends(Packet packet) {
        return packet.protocol() == Ipv4.PROTOCOL_SCTP
                ? Sctp.firstChunkType(packet.transport(), packet.transportBytes()) == Sctp.ABORT
                : (packet.tcpFlags() & Tcp.RST) != 0;
    }
}
