package io.weir.dataplane.egress;

import io.weir.dataplane.checksum.ChecksumUpdate;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;

/**
 * What a router does with a packet it sends on (RFC 1812 5.3): time to live, way out, link size.
 * Owned by the worker.
 *
 * <p>{@link #admit} comes before the packet is rewritten, because ICMP errors quote it as it came.
 */
public final class ForwardingPath {
    private final Network network;
    private final LinkPorts ports;
    private final Transmitter transmitter;
    private final IcmpErrors errors;
    private final DropCounters drops;

    public ForwardingPath(
            Network network,
            LinkPorts ports,
            Transmitter transmitter,
            IcmpErrors errors,
            DropCounters drops) {
        this.network = network;
        this.ports = ports;
        this.transmitter = transmitter;
        this.errors = errors;
        this.drops = drops;
    }

    /**
     * Checks that a packet can leave towards its {@link Packet#nextHop}, and lowers its time to
     * live. If it cannot, its sender is told and it is dropped.
     *
     * @param overheadBytes what its forwarding method will put in front of it
     * @return false if it was dropped
     */
    public boolean admit(Packet packet, int overheadBytes) {
        long ip = packet.ip();
        if (Ipv4.timeToLive(ip) <= 1) {
            errors.timeExceeded(packet);
            drops.drop(packet, DropReason.TTL_EXCEEDED);
            return false;
        }
        Neighbour hop = network.nextHop(packet.nextHop());
        if (hop == null) {
            drops.drop(packet, DropReason.NO_ROUTE);
            return false;
        }
        LinkPort out = ports.onLink(hop.linkIndex());
        if (out == null) {
            drops.drop(packet, DropReason.LINK_DOWN);
            return false;
        }
        packet.setNeighbour(hop);
        decrementTimeToLive(ip);
        int room = out.link().mtu() - overheadBytes;
        if (packet.ipBytes() > room && largestPacket(packet) > room) {
            tooBig(packet, room);
            return false;
        }
        return true;
    }

    private void tooBig(Packet packet, int room) {
        if (Ipv4.dontFragment(packet.ip())) {
            errors.fragmentationNeeded(packet, room);
        }
        drops.drop(packet, DropReason.TOO_BIG);
    }

    /** The longest IP packet this frame becomes once its segments are cut. */
    private static int largestPacket(Packet packet) {
        long vnet = packet.vnetHeader();
        if (vnet == 0 || VnetHeader.gsoType(vnet) == VnetHeader.GSO_NONE) {
            return packet.ipBytes();
        }
        int transportHeader =
                packet.protocol() == Ipv4.PROTOCOL_TCP ? Tcp.headerBytes(packet.transport()) : 8;
        return packet.ipHeaderBytes() + transportHeader + VnetHeader.gsoSize(vnet);
    }

    // The field shares a 16-bit word of the header checksum with the protocol (RFC 1624).
    private static void decrementTimeToLive(long ip) {
        int hops = Ipv4.timeToLive(ip);
        int protocol = Ipv4.protocol(ip);
        Ipv4.setTimeToLive(ip, hops - 1);
        Ipv4.setChecksum(
                ip,
                ChecksumUpdate.replace16(
                        Ipv4.checksum(ip), hops << 8 | protocol, (hops - 1) << 8 | protocol));
    }

    /** Sends an admitted and rewritten packet. */
    public void send(Packet packet) {
        Neighbour hop = packet.neighbour();
        if (hop != null) {
            transmitter.send(hop, packet.frame(), packet.frameBytes(), packet.vnetHeader());
        }
    }
}
