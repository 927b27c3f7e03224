package io.weir.dataplane.egress;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;

/** Makes and sends the packets of the balancer itself. Owned by the worker. */
public final class OwnPackets {
    /** The time to live of everything sent from here (RFC 1122 3.2.1.7). */
    public static final int TIME_TO_LIVE = 64;

    private static final int IP_OFFSET = Ethernet.HEADER_BYTES;

    private final ScratchFrames frames;
    private final Network network;
    private final LinkPorts ports;
    private final Transmitter transmitter;
    private final Fragmenter fragmenter;
    private final DropCounters drops;
    private int identification;

    public OwnPackets(
            ScratchFrames frames,
            Network network,
            LinkPorts ports,
            Transmitter transmitter,
            Fragmenter fragmenter,
            DropCounters drops) {
        this.frames = frames;
        this.network = network;
        this.ports = ports;
        this.transmitter = transmitter;
        this.fragmenter = fragmenter;
        this.drops = drops;
    }

    /**
     * Begins a packet.
     *
     * @return the address of its IP header, whose payload follows 20 bytes later and may have up to
     *     {@link ScratchFrames#FRAME_BYTES} - 34 bytes; 0 if no memory is left in this cycle
     */
    public long begin() {
        long frame = frames.claim();
        return frame == 0 ? 0 : frame + IP_OFFSET;
    }

    /** The next identification for a packet that may be fragmented (RFC 791 2.3). */
    public int nextIdentification() {
        identification = (identification + 1) & 0xffff;
        return identification;
    }

    /**
     * Fills in the IP header before {@code payloadBytes} of payload, and sends the packet, in
     * fragments if the link takes no such packet.
     *
     * @param ip where the header goes, with room for an Ethernet header before it: what {@link
     *     #begin} returned, or in a received frame
     * @param dontFragment with it the identification is 0, as the kernel has it
     */
    public void send(
            long ip,
            int payloadBytes,
            int typeOfService,
            boolean dontFragment,
            int protocol,
            int source,
            int destination) {
        Neighbour hop = network.nextHop(destination);
        if (hop == null) {
            drops.count(DropReason.NO_ROUTE);
            return;
        }
        Ipv4.setVersion(ip, 4);
        Ipv4.setHeaderBytes(ip, Ipv4.MIN_HEADER_BYTES);
        Ipv4.setTypeOfService(ip, typeOfService);
        Ipv4.setTotalLength(ip, Ipv4.MIN_HEADER_BYTES + payloadBytes);
        Ipv4.setIdentification(ip, dontFragment ? 0 : nextIdentification());
        Ipv4.setFlagsAndOffset(ip, dontFragment ? Ipv4.DONT_FRAGMENT : 0);
        Ipv4.setTimeToLive(ip, TIME_TO_LIVE);
        Ipv4.setProtocol(ip, protocol);
        Ipv4.setSource(ip, source);
        Ipv4.setDestination(ip, destination);
        Ipv4.setChecksum(ip, InternetChecksum.ipv4Header(ip));
        long frame = ip - IP_OFFSET;
        Ethernet.setType(frame, Ethernet.TYPE_IPV4);
        int bytes = Ipv4.MIN_HEADER_BYTES + payloadBytes;
        LinkPort out = ports.onLink(hop.linkIndex());
        if (out == null || bytes <= out.link().mtu()) {
            transmitter.send(hop, frame, IP_OFFSET + bytes, 0);
        } else if (!fragmenter.send(hop, frame, out.link().mtu())) {
            drops.count(DropReason.FRAGMENTS_LIMITED);
        }
    }

    /**
     * Fills in an IPv6 header before {@code payloadBytes} of payload, and sends the packet.
     *
     * @param ip as {@link #begin} gave it; the payload follows 40 bytes later
     */
    public void sendV6(
            long ip,
            int payloadBytes,
            int trafficClass,
            int protocol,
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow) {
        Neighbour hop = network.nextHop(destinationHigh, destinationLow);
        if (hop == null) {
            drops.count(DropReason.NO_ROUTE);
            return;
        }
        Ipv6.setVersion(ip, 6);
        Ipv6.setTrafficClass(ip, trafficClass);
        Ipv6.setFlowLabel(ip, flowLabel(sourceLow, destinationLow));
        Ipv6.setPayloadLength(ip, payloadBytes);
        Ipv6.setNextHeader(ip, protocol);
        Ipv6.setHopLimit(ip, TIME_TO_LIVE);
        Ipv6.setSource(ip, sourceHigh, sourceLow);
        Ipv6.setDestination(ip, destinationHigh, destinationLow);
        long frame = ip - IP_OFFSET;
        Ethernet.setType(frame, Ethernet.TYPE_IPV6);
        transmitter.send(hop, frame, IP_OFFSET + Ipv6.HEADER_BYTES + payloadBytes, 0);
    }

    // The same for all packets between two hosts (RFC 6437 section 3).
    private static int flowLabel(long sourceLow, long destinationLow) {
        long mixed = (sourceLow * 0x9E3779B97F4A7C15L ^ destinationLow) * 0xC2B2AE3D27D4EB4FL;
        return (int) (mixed >>> 44);
    }
}
