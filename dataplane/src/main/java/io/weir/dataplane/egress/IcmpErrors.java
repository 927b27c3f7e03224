package io.weir.dataplane.egress;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;

/**
 * Sends ICMP errors about packets (RFC 792, RFC 1812 4.3.2), as the kernel makes them: at most 576
 * bytes, no DF, TOS of the offending packet with network-control precedence, from the address the
 * packet was sent to if that is the host's own and from the way back's otherwise (BEHAVIOUR.md,
 * "ICMP"; recorded: ip-ttl). Owned by the worker.
 */
public final class IcmpErrors {
    private static final int MAX_QUOTE_BYTES = 576 - Ipv4.MIN_HEADER_BYTES - Icmp.HEADER_BYTES;
    private static final int NETWORK_CONTROL = 0xc0;
    private static final int KEPT_TOS_BITS = 0x1c;

    private final OwnPackets own;
    private final Network network;
    private final DropCounters drops;
    private final CachedClock clock;
    private final TokenBucket limit;
    private final Icmpv6Errors wide;
    private Listener listener = (about, bytes) -> {};

    /** Hears of the errors that are sent. */
    public interface Listener {
        /**
         * One was sent.
         *
         * @param bytes of its IP packet
         */
        void sent(Packet about, int bytes);
    }

    public IcmpErrors(
            OwnPackets own,
            Network network,
            DropCounters drops,
            CachedClock clock,
            TokenBucket limit) {
        this.own = own;
        this.network = network;
        this.drops = drops;
        this.clock = clock;
        this.limit = limit;
        this.wide = new Icmpv6Errors(own, network, drops, clock, limit);
    }

    /** Tells somebody of each error that is sent. */
    public void listen(Listener hears) {
        listener = hears;
        wide.listen(hears);
    }

    /** Tells the sender that the time to live ran out in transit. */
    public void timeExceeded(Packet about) {
        if (about.ipv6()) {
            wide.send(about, Icmp.V6_TIME_EXCEEDED, Icmp.V6_CODE_HOP_LIMIT_EXCEEDED, 0);
        } else {
            send(about, Icmp.TIME_EXCEEDED, Icmp.CODE_TTL_EXCEEDED, 0);
        }
    }

    /**
     * Tells the sender that the other fragments of a datagram did not come (RFC 1122 3.3.2, RFC
     * 4443 3.3).
     */
    public void reassemblyTimeExceeded(Packet first) {
        if (first.ipv6()) {
            wide.send(first, Icmp.V6_TIME_EXCEEDED, Icmp.V6_CODE_REASSEMBLY_TIME_EXCEEDED, 0);
        } else {
            send(first, Icmp.TIME_EXCEEDED, Icmp.CODE_REASSEMBLY_TIME_EXCEEDED, 0);
        }
    }

    /** Tells the sender that nobody here speaks the protocol. */
    public void protocolUnreachable(Packet about) {
        if (about.ipv6()) {
            wide.unrecognizedNextHeader(about);
        } else {
            send(about, Icmp.DESTINATION_UNREACHABLE, Icmp.CODE_PROTOCOL_UNREACHABLE, 0);
        }
    }

    /** Tells the sender that nobody serves the port. */
    public void portUnreachable(Packet about) {
        if (about.ipv6()) {
            wide.send(about, Icmp.V6_DESTINATION_UNREACHABLE, Icmp.V6_CODE_PORT_UNREACHABLE, 0);
        } else {
            send(about, Icmp.DESTINATION_UNREACHABLE, Icmp.CODE_PORT_UNREACHABLE, 0);
        }
    }

    /** Tells the sender that there is no way to the host. */
    public void hostUnreachable(Packet about) {
        if (about.ipv6()) {
            wide.send(about, Icmp.V6_DESTINATION_UNREACHABLE, Icmp.V6_CODE_ADDRESS_UNREACHABLE, 0);
        } else {
            send(about, Icmp.DESTINATION_UNREACHABLE, Icmp.CODE_HOST_UNREACHABLE, 0);
        }
    }

    /** Tells the sender which byte of its IPv4 header makes no sense. */
    public void parameterProblem(Packet about, int offset) {
        send(about, Icmp.PARAMETER_PROBLEM, 0, offset << 24);
    }

    /** Tells the sender how long a packet may be (RFC 1191, RFC 8201). */
    public void fragmentationNeeded(Packet about, int mtu) {
        if (about.ipv6()) {
            wide.send(about, Icmp.V6_PACKET_TOO_BIG, 0, mtu);
        } else {
            send(about, Icmp.DESTINATION_UNREACHABLE, Icmp.CODE_FRAGMENTATION_NEEDED, mtu);
        }
    }

    /** Sends an error unless none may be sent about this IPv4 packet (RFC 1122 3.2.2). */
    public void send(Packet about, int type, int code, int rest) {
        if (about.ip() == 0 || isIcmpError(about) || Ipv4.fragmentOffset(about.ip()) != 0) {
            return;
        }
        if (!limit.take(clock.millis())) {
            drops.count(DropReason.ICMP_LIMITED);
            return;
        }
        long ip = own.begin();
        if (ip == 0) {
            drops.count(DropReason.ICMP_LIMITED);
            return;
        }
        int destination = Ipv4.destination(about.ip());
        int source =
                network.isLocal(destination)
                        ? destination
                        : network.sourceFor(Ipv4.source(about.ip()));
        int quote = Math.min(about.ipBytes(), MAX_QUOTE_BYTES);
        long icmp = ip + Ipv4.MIN_HEADER_BYTES;
        Icmp.setType(icmp, type);
        Icmp.setCode(icmp, code);
        Icmp.setChecksum(icmp, 0);
        Icmp.setRest(icmp, rest);
        Memory.copy(about.ip(), icmp + Icmp.HEADER_BYTES, quote);
        int bytes = Icmp.HEADER_BYTES + quote;
        Icmp.setChecksum(icmp, InternetChecksum.icmp(icmp, bytes));
        int tos = NETWORK_CONTROL | (Ipv4.typeOfService(about.ip()) & KEPT_TOS_BITS);
        own.send(ip, bytes, tos, false, Ipv4.PROTOCOL_ICMP, source, Ipv4.source(about.ip()));
        listener.sent(about, Ipv4.MIN_HEADER_BYTES + bytes);
    }

    private static boolean isIcmpError(Packet about) {
        if (about.protocol() != Ipv4.PROTOCOL_ICMP) {
            return false;
        }
        if (about.transportBytes() == 0) {
            // A fragment of nothing; what it is a part of cannot be told.
            return true;
        }
        int type = Icmp.type(about.transport());
        return type == Icmp.DESTINATION_UNREACHABLE
                || type == Icmp.SOURCE_QUENCH
                || type == Icmp.REDIRECT
                || type == Icmp.TIME_EXCEEDED
                || type == Icmp.PARAMETER_PROBLEM;
    }
}
