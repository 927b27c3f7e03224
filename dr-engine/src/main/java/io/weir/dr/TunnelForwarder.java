package io.weir.dr;

import io.weir.dataplane.egress.PartialChecksum;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.TunnelSettings;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.ForwarderContext;
import io.weir.dataplane.spi.PacketSelection;
import io.weir.dataplane.spi.ServerLookup;

/**
 * Tunnels: the packet travels whole inside another one to the real server, which answers the client
 * itself. Each server has its own encapsulation: IP in IP, GRE or GUE. Owned by the worker.
 */
public final class TunnelForwarder implements Forwarder {
    private final ServerLookup servers;
    private final DropCounters drops;
    private final OuterHeader outerHeader;
    private final Encapsulation ipip = new Ipip();
    private final Encapsulation gre = new GreTunnel();
    private final Encapsulation gue = new GueTunnel();

    public TunnelForwarder(ForwarderContext context) {
        this.servers = context.servers();
        this.drops = context.drops();
        this.outerHeader = new OuterHeader(context.network(), context.own(), context.sysctls());
    }

    @Override
    public ForwardingMethod method() {
        return ForwardingMethod.TUNNEL;
    }

    @Override
    public int overheadBytes(ConnectionTable connections, int slot) {
        TunnelSettings settings = settings(connections, slot);
        return OuterHeader.bytes(connections.serverIpv6(slot))
                + encapsulation(settings).headerBytes(settings);
    }

    @Override
    public void forward(PacketSelection packets, ConnectionTable connections) {
        for (int i = 0; i < packets.size(); i++) {
            Packet packet = packets.get(i);
            // What the sender left to be filled in is filled in here, as no link does it below a
            // tunnel. Super-frames come as the segments they were cut into.
            PartialChecksum.complete(packet);
            encapsulate(packet, connections);
        }
    }

    private void encapsulate(Packet packet, ConnectionTable connections) {
        int slot = packet.connection();
        TunnelSettings settings = settings(connections, slot);
        Encapsulation encapsulation = encapsulation(settings);
        boolean ipv6 = connections.serverIpv6(slot);
        int outerBytes = OuterHeader.bytes(ipv6);
        int between = encapsulation.headerBytes(settings);
        int bytes = between + packet.ipBytes();
        long outer = packet.ip() - between - outerBytes;
        int protocol = encapsulation.protocol(packet.ipv6());
        if (!ipv6) {
            outerHeader.writeV4(outer, packet, protocol, bytes, connections.server(slot));
        } else if (!outerHeader.writeV6(
                outer,
                packet,
                protocol,
                bytes,
                connections.serverHigh(slot),
                connections.serverLow(slot))) {
            drops.drop(packet, DropReason.NO_ROUTE);
            return;
        }
        encapsulation.write(outer, packet, settings);
        packet.resizeFrame(
                outer - Ethernet.HEADER_BYTES, Ethernet.HEADER_BYTES + outerBytes + bytes);
    }

    // A server that is gone altogether has no connections any more; what is left of one goes plain.
    private TunnelSettings settings(ConnectionTable connections, int slot) {
        RealServer server = servers.server(connections.serverNumber(slot));
        return server == null ? TunnelSettings.IPIP : server.settings().tunnel();
    }

    private Encapsulation encapsulation(TunnelSettings settings) {
        return switch (settings.type()) {
            case IPIP -> ipip;
            case GUE -> gue;
            case GRE -> gre;
        };
    }
}
