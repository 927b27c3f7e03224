package io.weir.dr;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.egress.OwnPackets;
import io.weir.dataplane.egress.PartialChecksum;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.ForwarderContext;
import io.weir.dataplane.spi.PacketSelection;

/**
 * IP in IP (RFC 2003): the packet travels whole inside another one to the real server, which
 * answers the client itself.
 *
 * <p>The outer header takes time to live, type of service and DF from the inner one, a congestion
 * mark excepted (RFC 6040 compatibility mode; BEHAVIOUR.md, "Forwarding"). Owned by the worker.
 */
public final class TunnelForwarder implements Forwarder {
    private static final int ECN_MASK = 3;
    private static final int CONGESTION_EXPERIENCED = 3;
    private static final int ECN_CAPABLE_0 = 2;

    private final Network network;
    private final OwnPackets own;
    private final DropCounters drops;

    public TunnelForwarder(ForwarderContext context) {
        this.network = context.network();
        this.own = context.own();
        this.drops = context.drops();
    }

    @Override
    public ForwardingMethod method() {
        return ForwardingMethod.TUNNEL;
    }

    @Override
    public int overheadBytes(ConnectionTable connections, int slot) {
        return Ipv4.MIN_HEADER_BYTES;
    }

    @Override
    public void forward(PacketSelection packets, ConnectionTable connections) {
        for (int i = 0; i < packets.size(); i++) {
            Packet packet = packets.get(i);
            if (complete(packet)) {
                encapsulate(packet, connections.server(packet.connection()));
            } else {
                drops.drop(packet, DropReason.SEGMENTS_IN_TUNNEL);
            }
        }
    }

    // What the sender left to be filled in is filled in here, as no link does it below a tunnel.
    private static boolean complete(Packet packet) {
        long vnet = packet.vnetHeader();
        if (vnet == 0) {
            return true;
        }
        if (VnetHeader.gsoType(vnet) != VnetHeader.GSO_NONE) {
            return false;
        }
        PartialChecksum.complete(packet);
        return true;
    }

    private void encapsulate(Packet packet, int server) {
        long inner = packet.ip();
        long outer = inner - Ipv4.MIN_HEADER_BYTES;
        boolean whole = Ipv4.dontFragment(inner);
        Ipv4.setVersion(outer, 4);
        Ipv4.setHeaderBytes(outer, Ipv4.MIN_HEADER_BYTES);
        Ipv4.setTypeOfService(outer, outerTypeOfService(Ipv4.typeOfService(inner)));
        Ipv4.setTotalLength(outer, packet.ipBytes() + Ipv4.MIN_HEADER_BYTES);
        Ipv4.setIdentification(outer, whole ? 0 : own.nextIdentification());
        Ipv4.setFlagsAndOffset(outer, whole ? Ipv4.DONT_FRAGMENT : 0);
        Ipv4.setTimeToLive(outer, Ipv4.timeToLive(inner));
        Ipv4.setProtocol(outer, Ipv4.PROTOCOL_IPIP);
        Ipv4.setSource(outer, network.sourceFor(server));
        Ipv4.setDestination(outer, server);
        Ipv4.setChecksum(outer, InternetChecksum.ipv4Header(outer));
        long frame = outer - Ethernet.HEADER_BYTES;
        Ethernet.setType(frame, Ethernet.TYPE_IPV4);
        packet.resizeFrame(frame, packet.frameBytes() + Ipv4.MIN_HEADER_BYTES);
    }

    private static int outerTypeOfService(int inner) {
        boolean congested = (inner & ECN_MASK) == CONGESTION_EXPERIENCED;
        return congested ? (inner & ~ECN_MASK) | ECN_CAPABLE_0 : inner;
    }
}
