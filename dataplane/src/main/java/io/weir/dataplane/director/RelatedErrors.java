package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;

/**
 * Finds the connection that an ICMP error is about, by the packet it quotes: destination
 * unreachable, source quench and time exceeded, whatever the code (BEHAVIOUR.md, "ICMP"; RFC 5508
 * for NAT). Owned by the worker.
 */
public final class RelatedErrors {
    private static final int QUOTED_PORT_BYTES = 4;

    private final ConnectionTable table;
    private final ServiceTable services;
    private final DropCounters drops;
    private final Sysctls sysctls;
    private final ErrorScheduling scheduling;
    private final Endpoints quoted = new Endpoints();

    public RelatedErrors(
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
                || !translatable(Icmp.type(packet.transport()))) {
            return false;
        }
        long quote = packet.transport() + Icmp.HEADER_BYTES;
        int bytes = packet.transportBytes() - Icmp.HEADER_BYTES;
        if (!quotesPorts(quote, bytes)) {
            return false;
        }
        boolean reply = true;
        reverseOfQuoted(quote);
        // The quoted packet went to the server; the error about it goes the way of the replies.
        int slot = table.findReply(quoted);
        if (slot == NONE) {
            reply = false;
            slot = table.findForward(quoted);
        }
        if (slot == NONE && sysctls.on(Sysctl.SCHEDULE_ICMP)) {
            slot = scheduling.schedule(packet, quoted);
        }
        if (slot == NONE) {
            return packet.verdict() == Verdict.DROP;
        }
        long sum = InternetChecksum.sum(packet.transport(), packet.transportBytes());
        if (InternetChecksum.complement(sum) != 0) {
            drops.drop(packet, DropReason.ICMP_INVALID);
            return true;
        }
        packet.relate(slot, reply);
        if (reply) {
            packet.setNextHopToDestination();
        } else {
            packet.setNextHopToServer(table, slot);
        }
        return true;
    }

    static boolean translatable(int type) {
        return type == Icmp.DESTINATION_UNREACHABLE
                || type == Icmp.SOURCE_QUENCH
                || type == Icmp.TIME_EXCEEDED;
    }

    private static boolean quotesPorts(long quote, int bytes) {
        if (bytes < Ipv4.MIN_HEADER_BYTES || Ipv4.version(quote) != 4) {
            return false;
        }
        int headerBytes = Ipv4.headerBytes(quote);
        int protocol = Ipv4.protocol(quote);
        return headerBytes >= Ipv4.MIN_HEADER_BYTES
                && bytes >= headerBytes + QUOTED_PORT_BYTES
                && Ipv4.fragmentOffset(quote) == 0
                && (protocol == Ipv4.PROTOCOL_TCP
                        || protocol == Ipv4.PROTOCOL_UDP
                        || protocol == Ipv4.PROTOCOL_SCTP);
    }

    // The other end of the quoted packet is its source: what was sent from there is quoted here.
    private void reverseOfQuoted(long quote) {
        long transport = quote + Ipv4.headerBytes(quote);
        quoted.setV4(Ipv4.protocol(quote), Ipv4.destination(quote), Ipv4.source(quote))
                .setPorts(Udp.destinationPort(transport), Udp.sourcePort(transport));
    }
}
