package io.weir.dataplane.host;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.egress.IcmpErrors;
import io.weir.dataplane.egress.OwnPackets;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;

import java.util.function.LongSupplier;

/**
 * Answers packets to the balancer's addresses as a host without open ports does: a reset for TCP
 * (RFC 9293 3.10.7.1), an abort for SCTP, port unreachable for UDP, an echo (RFC 1122 3.2.2.6),
 * protocol unreachable for what it does not speak (RFC 1122 3.2.2.1; recorded: ip-options). Packets
 * with a wrong checksum get no answer (BEHAVIOUR.md, "No connection / no server"; recorded:
 * tcp-odd, dest-none).
 */
public final class HostStack {
    private final OwnPackets own;
    private final IcmpErrors errors;
    private final DropCounters drops;
    private final Ipv6HostStack wide;
    private final SctpAnswers sctp;
    private final TimestampReplies timestamps;

    /**
     * For a worker.
     *
     * @param universalTime milliseconds since 1970, for timestamps
     */
    public HostStack(
            OwnPackets own, IcmpErrors errors, DropCounters drops, LongSupplier universalTime) {
        this.own = own;
        this.errors = errors;
        this.drops = drops;
        this.sctp = new SctpAnswers(own);
        this.wide = new Ipv6HostStack(own, errors, sctp);
        this.timestamps = new TimestampReplies(own, universalTime);
    }

    /** Takes a packet for one of the host's addresses. */
    public void deliver(Packet packet) {
        boolean answered =
                !packet.fragment() && (packet.ipv6() ? wide.answer(packet) : answer(packet));
        drops.drop(packet, answered ? DropReason.HOST_CONSUMED : DropReason.HOST_IGNORED);
    }

    private boolean answer(Packet packet) {
        return switch (packet.protocol()) {
            case Ipv4.PROTOCOL_TCP -> reset(packet);
            case Ipv4.PROTOCOL_UDP -> portUnreachable(packet);
            case Ipv4.PROTOCOL_SCTP -> sctp.answer(packet);
            case Ipv4.PROTOCOL_ICMP -> request(packet);
            default -> protocolUnreachable(packet);
        };
    }

    private boolean reset(Packet packet) {
        if (!TcpReset.isDue(packet) || !ReceivedChecksum.good(packet)) {
            return false;
        }
        long ip = own.begin();
        if (ip == 0) {
            return false;
        }
        long answer = ip + Ipv4.MIN_HEADER_BYTES;
        TcpReset.write(answer, packet);
        int from = packet.destination();
        int to = packet.source();
        long sum =
                InternetChecksum.pseudoHeaderV4(from, to, Ipv4.PROTOCOL_TCP, Tcp.MIN_HEADER_BYTES)
                        + InternetChecksum.sum(answer, Tcp.MIN_HEADER_BYTES);
        Tcp.setChecksum(answer, InternetChecksum.complement(sum));
        int tos = Ipv4.typeOfService(packet.ip());
        own.send(ip, Tcp.MIN_HEADER_BYTES, tos, true, Ipv4.PROTOCOL_TCP, from, to);
        return true;
    }

    private boolean portUnreachable(Packet packet) {
        int length = Udp.length(packet.transport());
        if (length < Udp.HEADER_BYTES
                || length > packet.transportBytes()
                || (Udp.checksum(packet.transport()) != 0 && !ReceivedChecksum.good(packet))) {
            return false;
        }
        errors.portUnreachable(packet);
        return true;
    }

    private boolean protocolUnreachable(Packet packet) {
        errors.protocolUnreachable(packet);
        return true;
    }

    private boolean request(Packet packet) {
        return Icmp.type(packet.transport()) == Icmp.TIMESTAMP_REQUEST
                ? timestamps.answer(packet)
                : echo(packet);
    }

    // Answered in the request's own frame, which may be a datagram of any size.
    private boolean echo(Packet packet) {
        int bytes = packet.transportBytes();
        long icmp = packet.transport();
        if (Icmp.type(icmp) != Icmp.ECHO_REQUEST
                || InternetChecksum.complement(InternetChecksum.sum(icmp, bytes)) != 0) {
            return false;
        }
        Icmp.setType(icmp, Icmp.ECHO_REPLY);
        Icmp.setChecksum(icmp, 0);
        Icmp.setChecksum(icmp, InternetChecksum.icmp(icmp, bytes));
        int tos = Ipv4.typeOfService(packet.ip());
        int from = packet.destination();
        int to = packet.source();
        long ip = icmp - Ipv4.MIN_HEADER_BYTES;
        own.send(ip, bytes, tos, false, Ipv4.PROTOCOL_ICMP, from, to);
        return true;
    }
}
