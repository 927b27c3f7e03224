package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.egress.IcmpErrors;
import io.weir.dataplane.egress.PathMtu;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Gre;
import io.weir.dataplane.header.Gue;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;

/**
 * ICMP errors about the outer packets of IPv4 tunnels, which come to the balancer as their sender.
 * If they quote enough of the packet inside, its client is told instead, and what they say of the
 * path is remembered; the others are nobody's (recorded: icmp-dr-2). Owned by the worker.
 */
public final class TunnelErrors {
    private static final int PORTS_BYTES = 4;
    private static final int GUE_BYTES = Udp.HEADER_BYTES + Gue.HEADER_BYTES;
    private static final int MTU_MASK = 0xffff;

    /** What the kernel does not lower any more: the least MTU of IPv4 and an outer header. */
    private static final int LEAST_MTU = 68 + Ipv4.MIN_HEADER_BYTES;

    private final ConnectionTable table;
    private final Network network;
    private final PathMtu pathMtu;
    private final IcmpErrors errors;
    private final ErrorAccounts accounts;
    private final DropCounters drops;
    private final Endpoints ends = new Endpoints();

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
                || !RelatedErrors.translatable(Icmp.type(packet.transport()))
                || !network.isLocal(packet.destination())) {
            return false;
        }
        long outer = packet.transport() + Icmp.HEADER_BYTES;
        int bytes = packet.transportBytes() - Icmp.HEADER_BYTES;
        int overhead = overheadBytes(outer, bytes);
        if (overhead == 0 || !quotesConnection(outer + overhead, bytes - overhead)) {
            return false;
        }
        int slot = table.findForward(ends);
        if (slot == NONE
                || table.method(slot) != ForwardingMethod.TUNNEL.code()
                || table.serverIpv6(slot)
                || table.server(slot) != Ipv4.destination(outer)) {
            return false;
        }
        long sum = InternetChecksum.sum(packet.transport(), packet.transportBytes());
        if (InternetChecksum.complement(sum) != 0) {
            drops.drop(packet, DropReason.ICMP_INVALID);
            return true;
        }
        quote(outer + overhead, bytes - overhead, slot);
        tell(packet, outer, overhead);
        drops.drop(packet, DropReason.HOST_CONSUMED);
        return true;
    }

    /** The bytes before the inner IPv4 header, 0 if the quote has no tunnel's headers. */
    private static int overheadBytes(long outer, int bytes) {
        if (bytes < Ipv4.MIN_HEADER_BYTES
                || Ipv4.version(outer) != 4
                || Ipv4.headerBytes(outer) < Ipv4.MIN_HEADER_BYTES
                || Ipv4.fragmentOffset(outer) != 0) {
            return 0;
        }
        int header = Ipv4.headerBytes(outer);
        int room = bytes - header;
        long next = outer + header;
        return switch (Ipv4.protocol(outer)) {
            case Ipv4.PROTOCOL_IPIP -> header;
            case Gre.PROTOCOL -> room < Gre.MIN_HEADER_BYTES ? 0 : greOverhead(next, header);
            case Ipv4.PROTOCOL_UDP -> room < GUE_BYTES ? 0 : gueOverhead(next, header);
            default -> 0;
        };
    }

    private static int gueOverhead(long udp, int header) {
        boolean ipv4 = Gue.protocol(udp + Udp.HEADER_BYTES) == Ipv4.PROTOCOL_IPIP;
        return ipv4 ? header + GUE_BYTES : 0;
    }

    private static int greOverhead(long gre, int header) {
        if (Gre.protocolType(gre) != Ethernet.TYPE_IPV4) {
            return 0;
        }
        return header
                + (Gre.checksumPresent(gre) ? Gre.CHECKSUM_HEADER_BYTES : Gre.MIN_HEADER_BYTES);
    }

    private boolean quotesConnection(long inner, int bytes) {
        if (bytes < Ipv4.MIN_HEADER_BYTES || Ipv4.version(inner) != 4) {
            return false;
        }
        int header = Ipv4.headerBytes(inner);
        int protocol = Ipv4.protocol(inner);
        if (header < Ipv4.MIN_HEADER_BYTES
                || bytes < header + PORTS_BYTES
                || Ipv4.fragmentOffset(inner) != 0
                || (protocol != ServiceId.TCP
                        && protocol != ServiceId.UDP
                        && protocol != Ipv4.PROTOCOL_SCTP)) {
            return false;
        }
        long transport = inner + header;
        ends.setV4(protocol, Ipv4.source(inner), Ipv4.destination(inner))
                .setPorts(Udp.sourcePort(transport), Udp.destinationPort(transport));
        return true;
    }

    private void quote(long inner, int bytes, int slot) {
        quoted.setIp(inner, Ipv4.headerBytes(inner), bytes);
        quoted.setAddresses(ends.protocol(), ends.source(), ends.destination());
        quoted.bind(slot, false);
    }

    private void tell(Packet packet, long outer, int overhead) {
        int type = Icmp.type(packet.transport());
        int code = Icmp.code(packet.transport());
        int rest = Icmp.rest(packet.transport());
        if (type == Icmp.DESTINATION_UNREACHABLE && code == Icmp.CODE_FRAGMENTATION_NEEDED) {
            int server = Ipv4.destination(outer);
            pathMtu.learn(server, rest & MTU_MASK);
            if (!Ipv4.dontFragment(outer)) {
                return;
            }
            // By what is known of the path before this very message (recorded: icmp-dr-2).
            int mtu = pathMtu.inUse(server);
            rest = mtu > LEAST_MTU ? mtu - overhead : mtu;
        }
        errors.send(quoted, type, code, rest);
        accounts.out(quoted.connection(), quoted.ipBytes());
    }
}
