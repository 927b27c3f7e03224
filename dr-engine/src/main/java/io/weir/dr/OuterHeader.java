package io.weir.dr;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.egress.OwnPackets;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;

/**
 * Writes the IP header of a tunnel. It takes time to live, type of service and DF from the packet
 * inside, a congestion mark excepted (RFC 6040 4.1, compatibility mode; BEHAVIOUR.md,
 * "Forwarding"). Owned by the worker.
 */
final class OuterHeader {
    private static final int ECN_MASK = 3;
    private static final int CONGESTION_EXPERIENCED = 3;
    private static final int ECN_CAPABLE_0 = 2;

    private final Network network;
    private final OwnPackets own;
    private final Sysctls sysctls;

    OuterHeader(Network network, OwnPackets own, Sysctls sysctls) {
        this.network = network;
        this.own = own;
        this.sysctls = sysctls;
    }

    /** Bytes of the header towards a server of this family. */
    static int bytes(boolean ipv6) {
        return ipv6 ? Ipv6.HEADER_BYTES : Ipv4.MIN_HEADER_BYTES;
    }

    /**
     * Writes an IPv4 header.
     *
     * @param outer where it goes
     * @param packet the packet inside
     * @param payloadBytes all that follows the header
     */
    void writeV4(long outer, Packet packet, int protocol, int payloadBytes, int server) {
        long inner = packet.ip();
        boolean ipv6 = packet.ipv6();
        // IPv6 in IPv4 goes without DF (recorded: ipv6-x4over6).
        boolean whole = !ipv6 && Ipv4.dontFragment(inner) && sysctls.on(Sysctl.PMTU_DISC);
        int service = ipv6 ? Ipv6.trafficClass(inner) : Ipv4.typeOfService(inner);
        Ipv4.setVersion(outer, 4);
        Ipv4.setHeaderBytes(outer, Ipv4.MIN_HEADER_BYTES);
        Ipv4.setTypeOfService(outer, outerTypeOfService(service));
        Ipv4.setTotalLength(outer, Ipv4.MIN_HEADER_BYTES + payloadBytes);
        Ipv4.setIdentification(outer, whole ? 0 : own.nextIdentification());
        Ipv4.setFlagsAndOffset(outer, whole ? Ipv4.DONT_FRAGMENT : 0);
        Ipv4.setTimeToLive(outer, ipv6 ? Ipv6.hopLimit(inner) : Ipv4.timeToLive(inner));
        Ipv4.setProtocol(outer, protocol);
        Ipv4.setSource(outer, network.sourceFor(server));
        Ipv4.setDestination(outer, server);
        Ipv4.setChecksum(outer, InternetChecksum.ipv4Header(outer));
        Ethernet.setType(outer - Ethernet.HEADER_BYTES, Ethernet.TYPE_IPV4);
    }

    /**
     * Writes an IPv6 header.
     *
     * @param outer where it goes
     * @param packet the packet inside
     * @param payloadBytes all that follows the header
     * @return false if the host has no address to send it from
     */
    boolean writeV6(
            long outer, Packet packet, int protocol, int payloadBytes, long high, long low) {
        IpAddress source = network.sourceFor(high, low);
        if (source == null) {
            return false;
        }
        long inner = packet.ip();
        boolean ipv6 = packet.ipv6();
        int service = ipv6 ? Ipv6.trafficClass(inner) : Ipv4.typeOfService(inner);
        // The flow label is not copied (recorded: ipv6-tun).
        Memory.putU32(outer, 0);
        Ipv6.setVersion(outer, 6);
        Ipv6.setTrafficClass(outer, outerTypeOfService(service));
        Ipv6.setPayloadLength(outer, payloadBytes);
        Ipv6.setNextHeader(outer, protocol);
        Ipv6.setHopLimit(outer, ipv6 ? Ipv6.hopLimit(inner) : Ipv4.timeToLive(inner));
        Ipv6.setSource(outer, source.high(), source.low());
        Ipv6.setDestination(outer, high, low);
        Ethernet.setType(outer - Ethernet.HEADER_BYTES, Ethernet.TYPE_IPV6);
        return true;
    }

    private static int outerTypeOfService(int inner) {
        boolean congested = (inner & ECN_MASK) == CONGESTION_EXPERIENCED;
        return congested ? (inner & ~ECN_MASK) | ECN_CAPABLE_0 : inner;
    }
}
