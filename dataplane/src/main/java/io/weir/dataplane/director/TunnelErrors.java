package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.egress.IcmpErrors;
import io.weir.dataplane.egress.PathMtu;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.host.ReceivedChecksum;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.net.PathMtus;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ForwardingMethod;

/**
 * ICMP errors about the outer packets of tunnels, which come to the balancer as their sender. If
 * they quote enough of the packet inside, its client is told instead, and what they say of the path
 * is remembered; the others are nobody's.
 *
 * <p>IPv4 in IPv4 goes as in the kernel (recorded: icmp-dr-2). Where IPv6 is outside or inside the
 * kernel tells nobody, and clients would send into a black hole: what is said then is what RFC 2473
 * section 8 has a tunnel's entry say, to clients of either family. Owned by the worker.
 */
public final class TunnelErrors {
    private static final int MTU_MASK = 0xffff;

    /** What the kernel does not lower any more: the least MTU of IPv4 and an outer header. */
    private static final int LEAST_MTU = 68 + Ipv4.MIN_HEADER_BYTES;

    private final ConnectionTable table;
    private final Network network;
    private final PathMtu pathMtu;
    private final IcmpErrors errors;
    private final ErrorAccounts accounts;
    private final DropCounters drops;
    private final TunnelQuote quote = new TunnelQuote();

    /** The client's packet, as far as the error quotes it. */
    private final Packet quoted = new Packet();

    public TunnelErrors(
            Director director,
            Network network,
            PathMtu pathMtu,
            IcmpErrors errors,
            ErrorAccounts accounts,
            DropCounters drops) {
        this.table = director.table();
        this.network = network;
        this.pathMtu = pathMtu;
        this.errors = errors;
        this.accounts = accounts;
        this.drops = drops;
    }

    /** Takes an ICMP packet that is an error about a tunnel's packet; false if it is not. */
    public boolean relay(Packet packet) {
        if (packet.fragment()
                || !isError(packet)
                || !network.isDestinationLocal(packet.endpoints())
                || !quote.read(
                        packet.transport() + Icmp.HEADER_BYTES,
                        packet.transportBytes() - Icmp.HEADER_BYTES,
                        packet.ipv6())) {
            return false;
        }
        table.identify(quote.ends());
        int slot = table.findForward(quote.ends());
        if (slot == NONE || table.method(slot) != ForwardingMethod.TUNNEL.code() || !wentTo(slot)) {
            return false;
        }
        if (!intact(packet)) {
            drops.drop(packet, DropReason.ICMP_INVALID);
            return true;
        }
        quote.fill(quoted, slot);
        if (quote.outerIpv6()) {
            tellOfIpv6(packet);
        } else if (quoted.ipv6()) {
            tellIpv6OfIpv4(packet);
        } else {
            tellIpv4OfIpv4(packet);
        }
        drops.drop(packet, DropReason.HOST_CONSUMED);
        return true;
    }

    private static boolean isError(Packet packet) {
        return switch (packet.protocol()) {
            case Ipv4.PROTOCOL_ICMP ->
                    !packet.ipv6() && RelatedErrors.translatable(Icmp.type(packet.transport()));
            case Ipv4.PROTOCOL_ICMPV6 -> packet.ipv6() && Icmp.isV6Error(packet.transport());
            default -> false;
        };
    }

    private boolean wentTo(int slot) {
        long outer = quote.outer();
        return quote.outerIpv6()
                ? table.serverIpv6(slot)
                        && table.serverHigh(slot) == Ipv6.destinationHigh(outer)
                        && table.serverLow(slot) == Ipv6.destinationLow(outer)
                : !table.serverIpv6(slot) && table.server(slot) == Ipv4.destination(outer);
    }

    private static boolean intact(Packet packet) {
        return packet.ipv6()
                ? ReceivedChecksum.good(packet)
                : InternetChecksum.complement(
                                InternetChecksum.sum(packet.transport(), packet.transportBytes()))
                        == 0;
    }

    private void tellIpv4OfIpv4(Packet packet) {
        int type = Icmp.type(packet.transport());
        int code = Icmp.code(packet.transport());
        int rest = Icmp.rest(packet.transport());
        if (isTooBig(type, code)) {
            int server = Ipv4.destination(quote.outer());
            pathMtu.learn(server, rest & MTU_MASK);
            if (!Ipv4.dontFragment(quote.outer())) {
                return;
            }
            // By what is known of the path before this very message (recorded: icmp-dr-2).
            int mtu = pathMtu.inUse(server);
            rest = mtu > LEAST_MTU ? mtu - quote.overheadBytes() : mtu;
        }
        errors.send(quoted, type, code, rest);
        accounts.out(quoted.connection(), quoted.ipBytes());
    }

    // These outer packets go without DF, so that no router has reason to call one too big.
    private void tellIpv6OfIpv4(Packet packet) {
        int type = Icmp.type(packet.transport());
        boolean unreachable =
                type == Icmp.DESTINATION_UNREACHABLE
                        && !isTooBig(type, Icmp.code(packet.transport()));
        if (unreachable || type == Icmp.TIME_EXCEEDED) {
            errors.hostUnreachable(quoted);
        }
    }

    private static boolean isTooBig(int type, int code) {
        return type == Icmp.DESTINATION_UNREACHABLE && code == Icmp.CODE_FRAGMENTATION_NEEDED;
    }

    private void tellOfIpv6(Packet packet) {
        switch (Icmp.type(packet.transport())) {
            case Icmp.V6_PACKET_TOO_BIG -> {
                long outer = quote.outer();
                int said = Icmp.rest(packet.transport());
                int mtu = said < 0 ? PathMtus.WIDEST : said;
                int path =
                        pathMtu.learn(Ipv6.destinationHigh(outer), Ipv6.destinationLow(outer), mtu);
                // A packet that may be cut is cut from now on, and its client need not know.
                if (quote.whole()) {
                    errors.fragmentationNeeded(quoted, path - quote.overheadBytes());
                }
            }
            case Icmp.V6_DESTINATION_UNREACHABLE, Icmp.V6_TIME_EXCEEDED ->
                    errors.hostUnreachable(quoted);
            default -> {
                // A client can do nothing about a mistake in the outer header.
            }
        }
    }
}
