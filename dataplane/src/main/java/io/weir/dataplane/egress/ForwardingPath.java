package io.weir.dataplane.egress;

import io.weir.dataplane.checksum.ChecksumUpdate;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.Verdict;

/**
 * What a router does with a packet it sends on (RFC 1812 5.3): time to live, way out, link size.
 * Owned by the worker.
 *
 * <p>{@link #admit} comes before the packet is rewritten, because ICMP errors quote it as it came.
 */
public final class ForwardingPath {
    private static final int MAX_LENGTH = 0xffff;

    private final Network network;
    private final LinkPorts ports;
    private final Transmitter transmitter;
    private final Fragmenter fragmenter;
    private final IcmpErrors errors;
    private final DropCounters drops;

    public ForwardingPath(
            Network network,
            LinkPorts ports,
            Transmitter transmitter,
            Fragmenter fragmenter,
            IcmpErrors errors,
            DropCounters drops) {
        this.network = network;
        this.ports = ports;
        this.transmitter = transmitter;
        this.fragmenter = fragmenter;
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
        // The kernel's router quotes the packet as it came, its IPVS with the time to live already
        // lowered (recorded: mtu-reply, mtu-toobig).
        boolean toServer = packet.verdict() == Verdict.BALANCE && !packet.reply();
        if (toServer) {
            decrementTimeToLive(ip);
        }
        int room = out.link().mtu() - overheadBytes;
        if (packet.ipBytes() > room
                && largestPacket(packet) > room
                && !mayFragment(packet, room, out.link().mtu())) {
            return false;
        }
        if (!toServer) {
            decrementTimeToLive(ip);
        }
        return true;
    }

    // Segments still to be cut cannot be fragmented here; TCP always forbids it anyway.
    private boolean mayFragment(Packet packet, int room, int mtu) {
        boolean whole = Ipv4.dontFragment(packet.ip());
        boolean lengthFits = packet.ipBytes() + mtu - room <= MAX_LENGTH;
        if (!whole && lengthFits && !segmented(packet)) {
            packet.setFragmentMtu(mtu);
            return true;
        }
        if (whole) {
            errors.fragmentationNeeded(packet, room);
        }
        drops.drop(packet, DropReason.TOO_BIG);
        return false;
    }

    private static boolean segmented(Packet packet) {
        long vnet = packet.vnetHeader();
        return vnet != 0 && VnetHeader.gsoType(vnet) != VnetHeader.GSO_NONE;
    }

    /** The longest IP packet this frame becomes once its segments are cut. */
    private static int largestPacket(Packet packet) {
        if (!segmented(packet) || !packet.portsPresent()) {
            return packet.ipBytes();
        }
        int transportHeader =
                packet.protocol() == Ipv4.PROTOCOL_TCP
                        ? Tcp.headerBytes(packet.transport())
                        : Udp.HEADER_BYTES;
        int segment = VnetHeader.gsoSize(packet.vnetHeader());
        return packet.ipHeaderBytes() + transportHeader + segment;
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
        if (hop == null) {
            return;
        }
        if (packet.fragmentMtu() != 0) {
            fragmenter.send(hop, packet, packet.fragmentMtu());
        } else {
            transmitter.send(hop, packet.frame(), packet.frameBytes(), packet.vnetHeader());
        }
    }
}
