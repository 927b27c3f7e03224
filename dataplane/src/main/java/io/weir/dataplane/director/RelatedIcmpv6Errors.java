package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.host.ReceivedChecksum;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.parse.ExtensionHeaders;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;

/**
 * Finds the connection that an ICMPv6 error is about, by the packet it quotes. All errors are
 * taken, unlike with IPv4.
 *
 * <p>From the clients' side a checksum is not looked at and comes out right, as in the kernel. From
 * the servers' side the kernel compares it without the pseudo header and so drops every error that
 * no network card has vouched for (recorded: ipv6-icmp-1 and ipv6-icmpoffload-1). That is a mistake
 * of the kernel which is not repeated here: the checksum is compared as RFC 4443 section 2.3 has
 * it. Owned by the worker.
 */
public final class RelatedIcmpv6Errors {
    private static final int QUOTED_PORT_BYTES = 4;

    private final ConnectionTable table;
    private final ServiceTable services;
    private final DropCounters drops;
    private final Sysctls sysctls;
    private final ErrorScheduling scheduling;
    private final ExtensionHeaders extensions = new ExtensionHeaders();
    private final Endpoints quoted = new Endpoints();

    public RelatedIcmpv6Errors(
            ConnectionTable table,
            ServiceTable services,
            ConnectionScheduler scheduler,
            Sysctls sysctls,
            DropCounters drops) {
        this.table = table;
        this.services = services;
        this.drops = drops;
        this.sysctls = sysctls;
        this.scheduling = new ErrorScheduling(services, scheduler, drops);
    }

    /** Binds the packet if it is an error about a connection; false if it is not. */
    public boolean relate(Packet packet) {
        if (services.size() == 0
                || packet.fragment()
                || !Icmp.isV6Error(packet.transport())
                || !quotesPorts(packet)) {
            return false;
        }
        // The quoted packet went to the server; the error about it goes the way of the replies.
        int slot = table.findReply(quoted);
        if (slot != NONE) {
            if (!ReceivedChecksum.good(packet)) {
                drops.drop(packet, DropReason.ICMP_INVALID);
                return true;
            }
            packet.relate(slot, true);
            packet.setNextHopToDestination();
            return true;
        }
        slot = table.findForward(quoted);
        if (slot == NONE && sysctls.on(Sysctl.SCHEDULE_ICMP)) {
            slot = scheduling.schedule(packet, quoted);
        }
        if (slot == NONE) {
            return packet.verdict() == Verdict.DROP;
        }
        packet.relate(slot, false);
        packet.setNextHopToServer(table, slot);
        return true;
    }

    // Takes the ends of the quoted packet, the other way round: as its answer would have them.
    private boolean quotesPorts(Packet packet) {
        long quote = packet.transport() + Icmp.HEADER_BYTES;
        int bytes = packet.transportBytes() - Icmp.HEADER_BYTES;
        if (bytes < Ipv6.HEADER_BYTES
                || Ipv6.version(quote) != 6
                || !extensions.walk(quote, bytes)
                || extensions.fragment()
                || bytes < extensions.bytes() + QUOTED_PORT_BYTES
                || !hasPorts(extensions.protocol())) {
            return false;
        }
        long transport = quote + extensions.bytes();
        quoted.setV6(
                        extensions.protocol(),
                        Ipv6.destinationHigh(quote),
                        Ipv6.destinationLow(quote),
                        Ipv6.sourceHigh(quote),
                        Ipv6.sourceLow(quote))
                .setPorts(Udp.destinationPort(transport), Udp.sourcePort(transport));
        table.identify(quoted);
        return true;
    }

    private static boolean hasPorts(int protocol) {
        return protocol == Ipv4.PROTOCOL_TCP
                || protocol == Ipv4.PROTOCOL_UDP
                || protocol == Ipv4.PROTOCOL_SCTP;
    }
}
