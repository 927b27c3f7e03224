package io.weir.control.check.through;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.net.IpAddress;

/**
 * A TCP segment or UDP datagram in one piece, in memory: its endpoints can be read and changed.
 * Belongs to one thread, and is used for one packet after the other.
 */
final class TransportPacket {
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final int TCP_BYTES = 20;
    private static final int UDP_BYTES = 8;

    private long ip;
    private int bytes;
    private boolean ipv6;
    private int protocol;
    private long transport;
    private int transportBytes;

    /**
     * Looks at a packet.
     *
     * @param ip its IP header in memory
     * @param length how much there is of it, in bytes
     * @return false if it is something else, a fragment, or malformed
     */
    boolean read(long ip, int length) {
        this.ip = ip;
        if (length < IPV4_BYTES) {
            return false;
        }
        ipv6 = Ipv4.version(ip) == 6;
        boolean complete = ipv6 ? readIpv6(length) : readIpv4(length);
        return complete
                && switch (protocol) {
                    case Ipv4.PROTOCOL_TCP -> transportBytes >= TCP_BYTES;
                    case Ipv4.PROTOCOL_UDP -> transportBytes >= UDP_BYTES;
                    default -> false;
                };
    }

    private boolean readIpv4(int length) {
        int header = Ipv4.headerBytes(ip);
        bytes = Ipv4.totalLength(ip);
        if (Ipv4.version(ip) != 4
                || header < IPV4_BYTES
                || bytes < header
                || bytes > length
                || Ipv4.isFragment(ip)) {
            return false;
        }
        protocol = Ipv4.protocol(ip);
        transport = ip + header;
        transportBytes = bytes - header;
        return true;
    }

    private boolean readIpv6(int length) {
        if (length < IPV6_BYTES) {
            return false;
        }
        transportBytes = Ipv6.payloadLength(ip);
        bytes = IPV6_BYTES + transportBytes;
        protocol = Ipv6.nextHeader(ip);
        transport = ip + IPV6_BYTES;
        return bytes <= length;
    }

    boolean ipv6() {
        return ipv6;
    }

    /** The length of the packet, without what came behind it on the wire. */
    int bytes() {
        return bytes;
    }

    int protocol() {
        return protocol;
    }

    IpAddress source() {
        return ipv6
                ? IpAddress.v6(Ipv6.sourceHigh(ip), Ipv6.sourceLow(ip))
                : IpAddress.v4(Ipv4.source(ip));
    }

    IpAddress destination() {
        return ipv6
                ? IpAddress.v6(Ipv6.destinationHigh(ip), Ipv6.destinationLow(ip))
                : IpAddress.v4(Ipv4.destination(ip));
    }

    // The ports are where UDP has them in TCP, too.
    int sourcePort() {
        return Udp.sourcePort(transport);
    }

    int destinationPort() {
        return Udp.destinationPort(transport);
    }

    /**
     * Gives it other endpoints, and checksums afresh: one that was left to the hardware is not
     * there yet.
     */
    void rewrite(IpAddress source, int sourcePort, IpAddress destination, int destinationPort) {
        Udp.setSourcePort(transport, sourcePort);
        Udp.setDestinationPort(transport, destinationPort);
        if (ipv6) {
            Ipv6.setSource(ip, source.high(), source.low());
            Ipv6.setDestination(ip, destination.high(), destination.low());
        } else {
            Ipv4.setSource(ip, source.v4());
            Ipv4.setDestination(ip, destination.v4());
            Ipv4.setChecksum(ip, InternetChecksum.ipv4Header(ip));
        }
        int checksum =
                ipv6
                        ? InternetChecksum.transportV6(ip, transport, transportBytes, protocol)
                        : InternetChecksum.transportV4(ip, transport, transportBytes, protocol);
        if (protocol == Ipv4.PROTOCOL_TCP) {
            Tcp.setChecksum(transport, checksum);
        } else {
            Udp.setChecksum(transport, checksum);
        }
    }
}
