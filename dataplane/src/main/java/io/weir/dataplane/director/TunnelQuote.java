package io.weir.dataplane.director;

import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Gre;
import io.weir.dataplane.header.Gue;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.parse.ExtensionHeaders;
import io.weir.dataplane.service.ServiceId;

/**
 * What an ICMP error quotes of a tunnel's packet: the outer headers, and the client's packet as far
 * as it is there. Either may be IPv4 or IPv6. Owned by the worker.
 */
final class TunnelQuote {
    private static final int PORTS_BYTES = 4;
    private static final int GUE_BYTES = Udp.HEADER_BYTES + Gue.HEADER_BYTES;
    private static final int NEITHER = 0;

    private final ExtensionHeaders extensions = new ExtensionHeaders();
    private final Endpoints ends = new Endpoints();
    private long outer;
    private boolean outerIpv6;
    private int overhead;
    private int innerHeader;
    private int innerBytes;

    /**
     * Reads a quote.
     *
     * @param bytes how much of it there is
     * @param ipv6 whether the error is one of ICMPv6
     * @return false if it is not of a tunnel, or does not reach to the ports of the packet inside
     */
    boolean read(long quote, int bytes, boolean ipv6) {
        outer = quote;
        outerIpv6 = ipv6;
        int inside = ipv6 ? beyondIpv6(quote, bytes) : beyondIpv4(quote, bytes);
        innerBytes = bytes - overhead;
        return switch (inside) {
            case Ipv4.PROTOCOL_IPIP -> readIpv4(quote + overhead);
            case Ipv4.PROTOCOL_IPV6 -> readIpv6(quote + overhead);
            default -> false;
        };
    }

    /** Where the outer IP header begins. */
    long outer() {
        return outer;
    }

    boolean outerIpv6() {
        return outerIpv6;
    }

    /** Bytes of the outer headers. */
    int overheadBytes() {
        return overhead;
    }

    /** Both ends of the client's packet. */
    Endpoints ends() {
        return ends;
    }

    /** Whether the client's packet may not be cut into fragments; one of IPv6 never may. */
    boolean whole() {
        return ends.ipv6() || Ipv4.dontFragment(outer + overhead);
    }

    /** Makes the packet what is quoted of the client's. */
    void fill(Packet packet, int slot) {
        packet.setIp(outer + overhead, innerHeader, innerBytes);
        packet.setEnds(ends);
        packet.bind(slot, false);
    }

    // Both set the overhead and return which protocol is inside, as if the tunnel were IP in IP.
    private int beyondIpv4(long ip, int bytes) {
        if (bytes < Ipv4.MIN_HEADER_BYTES
                || Ipv4.version(ip) != 4
                || Ipv4.headerBytes(ip) < Ipv4.MIN_HEADER_BYTES
                || Ipv4.fragmentOffset(ip) != 0) {
            return NEITHER;
        }
        return beyond(Ipv4.protocol(ip), ip, Ipv4.headerBytes(ip), bytes);
    }

    private int beyondIpv6(long ip, int bytes) {
        if (bytes < Ipv6.HEADER_BYTES
                || Ipv6.version(ip) != 6
                || !extensions.walk(ip, bytes)
                || extensions.laterFragment()) {
            return NEITHER;
        }
        return beyond(extensions.protocol(), ip, extensions.bytes(), bytes);
    }

    private int beyond(int protocol, long ip, int header, int bytes) {
        int room = bytes - header;
        long next = ip + header;
        return switch (protocol) {
            case Ipv4.PROTOCOL_IPIP, Ipv4.PROTOCOL_IPV6 -> {
                overhead = header;
                yield protocol;
            }
            case Gre.PROTOCOL -> room < Gre.MIN_HEADER_BYTES ? NEITHER : beyondGre(next, header);
            case Ipv4.PROTOCOL_UDP -> room < GUE_BYTES ? NEITHER : beyondGue(next, header);
            default -> NEITHER;
        };
    }

    private int beyondGue(long udp, int header) {
        overhead = header + GUE_BYTES;
        return Gue.protocol(udp + Udp.HEADER_BYTES);
    }

    private int beyondGre(long gre, int header) {
        overhead =
                header
                        + (Gre.checksumPresent(gre)
                                ? Gre.CHECKSUM_HEADER_BYTES
                                : Gre.MIN_HEADER_BYTES);
        return switch (Gre.protocolType(gre)) {
            case Ethernet.TYPE_IPV4 -> Ipv4.PROTOCOL_IPIP;
            case Ethernet.TYPE_IPV6 -> Ipv4.PROTOCOL_IPV6;
            default -> NEITHER;
        };
    }

    private boolean readIpv4(long ip) {
        if (innerBytes < Ipv4.MIN_HEADER_BYTES
                || Ipv4.version(ip) != 4
                || Ipv4.headerBytes(ip) < Ipv4.MIN_HEADER_BYTES
                || Ipv4.fragmentOffset(ip) != 0) {
            return false;
        }
        innerHeader = Ipv4.headerBytes(ip);
        ends.setV4(Ipv4.protocol(ip), Ipv4.source(ip), Ipv4.destination(ip));
        return readPorts(ip);
    }

    private boolean readIpv6(long ip) {
        if (innerBytes < Ipv6.HEADER_BYTES
                || Ipv6.version(ip) != 6
                || !extensions.walk(ip, innerBytes)
                || extensions.fragment()) {
            return false;
        }
        innerHeader = extensions.bytes();
        ends.setV6(
                extensions.protocol(),
                Ipv6.sourceHigh(ip),
                Ipv6.sourceLow(ip),
                Ipv6.destinationHigh(ip),
                Ipv6.destinationLow(ip));
        return readPorts(ip);
    }

    private boolean readPorts(long ip) {
        int protocol = ends.protocol();
        if (innerBytes < innerHeader + PORTS_BYTES
                || (protocol != ServiceId.TCP
                        && protocol != ServiceId.UDP
                        && protocol != ServiceId.SCTP)) {
            return false;
        }
        long transport = ip + innerHeader;
        ends.setPorts(Udp.sourcePort(transport), Udp.destinationPort(transport));
        return true;
    }
}
