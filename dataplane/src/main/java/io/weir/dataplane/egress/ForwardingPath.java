package io.weir.dataplane.egress;

import io.weir.dataplane.checksum.ChecksumUpdate;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Ipv6Fragment;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.NextHop;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;

import org.jspecify.annotations.Nullable;

/**
 * What a router does with a packet it sends on (RFC 1812 5.3): time to live, way out, link size.
 * Owned by the worker.
 *
 * <p>{@link #admit} comes before the packet is rewritten, because ICMP errors quote it as it came.
 */
public final class ForwardingPath {
    private static final int MAX_LENGTH = 0xffff;

    /** Payload that others follow (RFC 791 3.2, RFC 8200 4.5). */
    private static final int LEAST_PAYLOAD = 8;

    private final Network network;
    private final LinkPorts ports;
    private final PathMtu pathMtu;
    private final Transmitter transmitter;
    private final Fragmenter fragmenter;
    private final IcmpErrors errors;
    private final DropCounters drops;
    private final Sysctls sysctls;
    private final SctpCompletion sctp = new SctpCompletion();

    public ForwardingPath(
            Network network,
            LinkPorts ports,
            PathMtu pathMtu,
            Transmitter transmitter,
            Fragmenter fragmenter,
            IcmpErrors errors,
            DropCounters drops,
            Sysctls sysctls) {
        this.network = network;
        this.ports = ports;
        this.pathMtu = pathMtu;
        this.transmitter = transmitter;
        this.fragmenter = fragmenter;
        this.errors = errors;
        this.drops = drops;
        this.sysctls = sysctls;
    }

    /**
     * Checks that a packet can leave towards its {@link Packet#nextHop}, and lowers its time to
     * live. If it cannot, its sender is told and it is dropped.
     *
     * @param overheadBytes what its forwarding method will put in front of it
     * @return false if it was dropped, or is {@link Verdict#LOCAL}
     */
    public boolean admit(Packet packet, int overheadBytes) {
        sctp.complete(packet);
        Neighbour hop = nextHop(packet);
        if (hop == null) {
            withoutHop(packet);
            return false;
        }
        if (timeToLive(packet) <= 1) {
            errors.timeExceeded(packet);
            drops.drop(packet, DropReason.TTL_EXCEEDED);
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
            decrementTimeToLive(packet);
        }
        // What routers have told counts for packets to servers; a router itself does not mind it
        // (recorded: icmp-dr-2).
        int linkMtu = out.link().mtu();
        int mtu = toServer ? pathMtu.forSending(packet, linkMtu) : linkMtu;
        if (!fits(packet, overheadBytes, Math.min(mtu, MAX_LENGTH))) {
            return false;
        }
        if (!toServer) {
            decrementTimeToLive(packet);
        }
        return true;
    }

    // A packet for a real server on this host has no way to go, and keeps its time to live.
    private void withoutHop(Packet packet) {
        NextHop hop = packet.nextHop();
        boolean local =
                hop.ipv6()
                        ? network.isLocal(hop.high(), hop.low())
                        : network.isLocal(hop.address());
        if (local && packet.verdict() == Verdict.BALANCE) {
            packet.decide(Verdict.LOCAL);
        } else {
            drops.drop(packet, DropReason.NO_ROUTE);
        }
    }

    // A super-frame leaves as it is if nothing comes before it and the link takes its segments.
    private boolean fits(Packet packet, int overheadBytes, int mtu) {
        int room = mtu - overheadBytes;
        boolean cuttable = mayBeFragmented(packet, overheadBytes != 0);
        if (packet.largestFragment() != 0) {
            return fitsAgain(packet, cuttable, room, mtu);
        }
        if (!Segmenter.isSuperFrame(packet)) {
            int longest = packet.ipBytes();
            return longest <= room || fragment(packet, cuttable, longest, room, mtu);
        }
        boolean canCut = Segmenter.canCut(packet);
        int longest = canCut ? Segmenter.longestPacket(packet) : packet.ipBytes();
        if (overheadBytes == 0 && longest <= room) {
            return true;
        }
        if (!canCut) {
            drops.drop(packet, DropReason.SEGMENTS_INVALID);
            return false;
        }
        packet.setCut();
        return longest <= room || fragment(packet, cuttable, longest, room, mtu);
    }

    // Without pmtu_disc the outer packet of a tunnel has no DF (recorded: mtu-pmtudisc).
    private boolean mayBeFragmented(Packet packet, boolean tunnel) {
        return !packet.ipv6()
                && (!Ipv4.dontFragment(packet.ip()) || (tunnel && !sysctls.on(Sysctl.PMTU_DISC)));
    }

    // A datagram that came in fragments leaves in fragments no larger than those, whatever the link
    // takes (recorded: frag-udp, with a tunnel's header as well); so it is the largest of them that
    // has to fit if it must not be cut again.
    private boolean fitsAgain(Packet packet, boolean cuttable, int room, int mtu) {
        if (!cuttable && packet.largestFragment() > room) {
            errors.fragmentationNeeded(packet, room);
            drops.drop(packet, DropReason.TOO_BIG);
            return false;
        }
        int whole = packet.ipBytes() + mtu - room;
        if (whole > MAX_LENGTH + (packet.ipv6() ? Ipv6.HEADER_BYTES : 0)) {
            drops.drop(packet, DropReason.TOO_BIG);
            return false;
        }
        // The first one's options may have been longer than the largest.
        int header = packet.ipHeaderBytes() + (packet.ipv6() ? Ipv6Fragment.HEADER_BYTES : 0);
        int least = header + mtu - room + LEAST_PAYLOAD;
        int limit = Math.min(mtu, Math.max(packet.largestFragment(), least));
        if (whole > limit) {
            packet.setFragmentMtu(limit);
        }
        return true;
    }

    // What may be fragmented is cut after the forwarding method has put its bytes in front.
    private boolean fragment(Packet packet, boolean cuttable, int longest, int room, int mtu) {
        if (cuttable && longest + mtu - room <= MAX_LENGTH) {
            packet.setFragmentMtu(mtu);
            return true;
        }
        if (!cuttable) {
            errors.fragmentationNeeded(packet, room);
        }
        drops.drop(packet, DropReason.TOO_BIG);
        return false;
    }

    private @Nullable Neighbour nextHop(Packet packet) {
        NextHop hop = packet.nextHop();
        return hop.ipv6() ? network.nextHop(hop.high(), hop.low()) : network.nextHop(hop.address());
    }

    private static int timeToLive(Packet packet) {
        return packet.ipv6() ? Ipv6.hopLimit(packet.ip()) : Ipv4.timeToLive(packet.ip());
    }

    // The field shares a 16-bit word of the IPv4 header checksum with the protocol (RFC 1624).
    private static void decrementTimeToLive(Packet packet) {
        long ip = packet.ip();
        if (packet.ipv6()) {
            Ipv6.setHopLimit(ip, Ipv6.hopLimit(ip) - 1);
            return;
        }
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
        int mtu = packet.fragmentMtu();
        if (mtu != 0 && packet.frameBytes() - Ethernet.HEADER_BYTES > mtu) {
            fragmenter.send(hop, packet, mtu);
        } else {
            transmitter.send(hop, packet.frame(), packet.frameBytes(), packet.vnetHeader());
        }
    }
}
