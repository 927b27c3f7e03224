package io.weir.dataplane.host;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.egress.ScratchFrames;
import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.NeighbourMessage;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.NeighbourResolver;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;

import org.jspecify.annotations.Nullable;

/**
 * IPv6 neighbour discovery (RFC 4861 section 7) for a balancer without a kernel beside it: answers
 * for its addresses, asks for next hops, learns from answers to its own questions, from questions
 * to itself and from known neighbours that announce a new Ethernet address. Router messages and
 * redirects are ignored: routes are given, not learned. Owned by the worker.
 */
public final class NeighbourDiscovery implements NeighbourResolver {
    private static final int HOP_LIMIT = 255;
    private static final long GROUP_BIT = 1L << 40;
    private static final long ALL_NODES_HIGH = 0xff02L << 48;
    private static final long ALL_NODES_LOW = 1;
    private static final long SOLICITED_LOW = 0x1_ff00_0000L;
    private static final long MULTICAST_MAC = 0x3333_0000_0000L;

    private final Network network;
    private final LinkPorts ports;
    private final ScratchFrames frames;
    private final DropCounters drops;

    public NeighbourDiscovery(
            Network network, LinkPorts ports, ScratchFrames frames, DropCounters drops) {
        this.network = network;
        this.ports = ports;
        this.frames = frames;
        this.drops = drops;
    }

    /** Whether a parsed IPv6 packet is neighbour discovery. */
    public static boolean isFor(Packet packet) {
        if (packet.protocol() != Ipv4.PROTOCOL_ICMPV6 || packet.fragment()) {
            return false;
        }
        int type = Icmp.type(packet.transport());
        return type >= NeighbourMessage.FIRST_TYPE && type <= NeighbourMessage.LAST_TYPE;
    }

    /** Takes a message that came in by this link. */
    public void deliver(Packet packet, LinkPort in, Transmitter transmitter) {
        boolean taken =
                valid(packet)
                        && switch (Icmp.type(packet.transport())) {
                            case NeighbourMessage.SOLICITATION ->
                                    solicited(packet, in, transmitter);
                            case NeighbourMessage.ADVERTISEMENT ->
                                    advertised(packet, in, transmitter);
                            default -> false;
                        };
        drops.drop(packet, taken ? DropReason.HOST_CONSUMED : DropReason.HOST_IGNORED);
    }

    // RFC 4861 sections 7.1.1 and 7.1.2: what has crossed a router, and what is damaged, is
    // ignored.
    private static boolean valid(Packet packet) {
        long icmp = packet.transport();
        return Ipv6.hopLimit(packet.ip()) == HOP_LIMIT
                && Icmp.code(icmp) == 0
                && packet.transportBytes() >= NeighbourMessage.MIN_BYTES
                && NeighbourMessage.targetHigh(icmp) >>> 56 != 0xff
                && ReceivedChecksum.good(packet);
    }

    private boolean solicited(Packet packet, LinkPort in, Transmitter transmitter) {
        long icmp = packet.transport();
        long targetHigh = NeighbourMessage.targetHigh(icmp);
        long targetLow = NeighbourMessage.targetLow(icmp);
        if (!network.isLocal(targetHigh, targetLow)) {
            return false;
        }
        long high = Ipv6.sourceHigh(packet.ip());
        long low = Ipv6.sourceLow(packet.ip());
        long mac =
                NeighbourMessage.linkAddress(
                        icmp, packet.transportBytes(), NeighbourMessage.SOURCE_LINK_ADDRESS);
        if (high == 0 && low == 0) {
            // Somebody tries whether the address is free (RFC 4862 section 5.4.3): tell everybody.
            advertise(in, multicastMac(ALL_NODES_LOW), targetHigh, targetLow, 0, 0);
            return true;
        }
        if (mac <= 0 || (mac & GROUP_BIT) != 0 || network.isLocal(high, low)) {
            return false;
        }
        learn(network.heardOf(in.linkIndex(), high, low, mac, true), transmitter);
        advertise(in, mac, targetHigh, targetLow, high, low);
        return true;
    }

    private boolean advertised(Packet packet, LinkPort in, Transmitter transmitter) {
        long icmp = packet.transport();
        long high = NeighbourMessage.targetHigh(icmp);
        long low = NeighbourMessage.targetLow(icmp);
        long mac =
                NeighbourMessage.linkAddress(
                        icmp, packet.transportBytes(), NeighbourMessage.TARGET_LINK_ADDRESS);
        if (mac <= 0 || (mac & GROUP_BIT) != 0 || network.isLocal(high, low)) {
            return false;
        }
        // Nobody who was not asked for becomes known (RFC 4861 section 7.2.5).
        learn(network.heardOf(in.linkIndex(), high, low, mac, false), transmitter);
        return true;
    }

    private static void learn(@Nullable Neighbour neighbour, Transmitter transmitter) {
        if (neighbour != null) {
            transmitter.changed(neighbour);
        }
    }

    private void advertise(
            LinkPort out, long mac, long targetHigh, long targetLow, long toHigh, long toLow) {
        boolean everybody = toHigh == 0 && toLow == 0;
        int flags = NeighbourMessage.OVERRIDE | (everybody ? 0 : NeighbourMessage.SOLICITED);
        send(
                out,
                mac,
                NeighbourMessage.ADVERTISEMENT,
                flags,
                targetHigh,
                targetLow,
                targetHigh,
                targetLow,
                everybody ? ALL_NODES_HIGH : toHigh,
                everybody ? ALL_NODES_LOW : toLow);
    }

    @Override
    public void resolve(int linkIndex, IpAddress address) {
        LinkPort out = ports.onLink(linkIndex);
        IpAddress source = network.sourceFor(address.high(), address.low());
        if (out == null || source == null) {
            return;
        }
        long groupLow = SOLICITED_LOW | (address.low() & 0xff_ffffL);
        send(
                out,
                multicastMac(groupLow),
                NeighbourMessage.SOLICITATION,
                0,
                address.high(),
                address.low(),
                source.high(),
                source.low(),
                ALL_NODES_HIGH,
                groupLow);
    }

    // RFC 2464 section 7.
    private static long multicastMac(long groupLow) {
        return MULTICAST_MAC | (groupLow & 0xffff_ffffL);
    }

    private void send(
            LinkPort out,
            long mac,
            int type,
            int flags,
            long targetHigh,
            long targetLow,
            long sourceHigh,
            long sourceLow,
            long toHigh,
            long toLow) {
        long frame = frames.claim();
        if (frame == 0) {
            return;
        }
        Ethernet.setDestination(frame, mac);
        Ethernet.setSource(frame, out.link().mac());
        Ethernet.setType(frame, Ethernet.TYPE_IPV6);
        long ip = frame + Ethernet.HEADER_BYTES;
        Ipv6.setVersion(ip, 6);
        Ipv6.setTrafficClass(ip, 0);
        Ipv6.setFlowLabel(ip, 0);
        Ipv6.setPayloadLength(ip, NeighbourMessage.BYTES);
        Ipv6.setNextHeader(ip, Ipv4.PROTOCOL_ICMPV6);
        Ipv6.setHopLimit(ip, HOP_LIMIT);
        Ipv6.setSource(ip, sourceHigh, sourceLow);
        Ipv6.setDestination(ip, toHigh, toLow);
        long icmp = ip + Ipv6.HEADER_BYTES;
        Icmp.setType(icmp, type);
        Icmp.setCode(icmp, 0);
        Icmp.setRest(icmp, flags);
        NeighbourMessage.setTarget(icmp, targetHigh, targetLow);
        boolean solicitation = type == NeighbourMessage.SOLICITATION;
        NeighbourMessage.setLinkAddress(
                icmp,
                solicitation
                        ? NeighbourMessage.SOURCE_LINK_ADDRESS
                        : NeighbourMessage.TARGET_LINK_ADDRESS,
                out.link().mac());
        int bytes = NeighbourMessage.BYTES;
        Icmp.setChecksum(icmp, InternetChecksum.transportV6(ip, icmp, bytes, Ipv4.PROTOCOL_ICMPV6));
        int length = Ethernet.HEADER_BYTES + Ipv6.HEADER_BYTES + bytes;
        if (!out.port().transmit(frame, length, 0)) {
            drops.count(DropReason.TRANSMIT_FULL);
        }
    }
}
