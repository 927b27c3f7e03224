package io.weir.dataplane.host;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.egress.IcmpErrors;
import io.weir.dataplane.egress.OwnPackets;
import io.weir.dataplane.egress.ScratchFrames;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.parse.ExtensionHeaders;

/**
 * What {@link HostStack} is for IPv4, for IPv6: a reset for TCP, port unreachable for UDP, an echo
 * (RFC 4443 section 4.2), parameter problem for a protocol it does not speak (recorded:
 * ipv6-icmp-1).
 */
final class Ipv6HostStack {
    private static final int MAX_ECHO_BYTES =
            ScratchFrames.FRAME_BYTES - Ethernet.HEADER_BYTES - Ipv6.HEADER_BYTES;

    private final OwnPackets own;
    private final IcmpErrors errors;
    private final SctpAnswers sctp;

    Ipv6HostStack(OwnPackets own, IcmpErrors errors, SctpAnswers sctp) {
        this.own = own;
        this.errors = errors;
        this.sctp = sctp;
    }

    /** Answers a packet for one of the host's addresses; false if it gets no answer. */
    boolean answer(Packet packet) {
        return switch (packet.protocol()) {
            case Ipv4.PROTOCOL_TCP -> reset(packet);
            case Ipv4.PROTOCOL_UDP -> portUnreachable(packet);
            case Ipv4.PROTOCOL_SCTP -> sctp.answer(packet);
            case Ipv4.PROTOCOL_ICMPV6 -> echo(packet);
            case ExtensionHeaders.NO_NEXT_HEADER -> false;
            default -> {
                errors.protocolUnreachable(packet);
                yield true;
            }
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
        TcpReset.write(ip + Ipv6.HEADER_BYTES, packet);
        reply(packet, ip, Tcp.MIN_HEADER_BYTES, 0);
        return true;
    }

    // Over IPv6 a datagram without a checksum is not to be believed (RFC 8200 section 8.1).
    private boolean portUnreachable(Packet packet) {
        int length = Udp.length(packet.transport());
        if (length < Udp.HEADER_BYTES
                || length > packet.transportBytes()
                || Udp.checksum(packet.transport()) == 0
                || !ReceivedChecksum.good(packet)) {
            return false;
        }
        errors.portUnreachable(packet);
        return true;
    }

    private boolean echo(Packet packet) {
        int bytes = packet.transportBytes();
        if (Icmp.type(packet.transport()) != Icmp.V6_ECHO_REQUEST
                || bytes > MAX_ECHO_BYTES
                || !ReceivedChecksum.good(packet)) {
            return false;
        }
        long ip = own.begin();
        if (ip == 0) {
            return false;
        }
        long answer = ip + Ipv6.HEADER_BYTES;
        Memory.copy(packet.transport(), answer, bytes);
        Icmp.setType(answer, Icmp.V6_ECHO_REPLY);
        reply(packet, ip, bytes, Ipv6.trafficClass(packet.ip()));
        return true;
    }

    private void reply(Packet packet, long ip, int bytes, int trafficClass) {
        long asked = packet.ip();
        long fromHigh = Ipv6.destinationHigh(asked);
        long fromLow = Ipv6.destinationLow(asked);
        long toHigh = Ipv6.sourceHigh(asked);
        long toLow = Ipv6.sourceLow(asked);
        Ipv6.setSource(ip, fromHigh, fromLow);
        Ipv6.setDestination(ip, toHigh, toLow);
        long transport = ip + Ipv6.HEADER_BYTES;
        int checksum = InternetChecksum.transportV6(ip, transport, bytes, packet.protocol());
        if (packet.protocol() == Ipv4.PROTOCOL_TCP) {
            Tcp.setChecksum(transport, checksum);
        } else {
            Icmp.setChecksum(transport, checksum);
        }
        own.sendV6(ip, bytes, trafficClass, packet.protocol(), fromHigh, fromLow, toHigh, toLow);
    }
}
