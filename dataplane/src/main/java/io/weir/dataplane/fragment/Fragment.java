package io.weir.dataplane.fragment;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Ipv6Fragment;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.parse.ExtensionHeaders;

/**
 * One fragment: where its payload belongs, and what names its datagram. That is source,
 * destination, identification and, in IPv4, the protocol (RFC 791 3.2, RFC 8200 4.5). Reused for
 * each; owned by the worker.
 */
final class Fragment {
    /** The longest IPv4 packet, and the longest payload of an IPv6 one. */
    static final int MAX_BYTES = 0xffff;

    private static final int OFFSET_UNIT = 8;
    private static final int ECN_BITS = 3;

    /** In an IPv6 datagram's label, where IPv4 has the protocol. */
    private static final long IPV6 = 1L << 40;

    /** The most bytes of IPv6 and extension headers, fragment header included. */
    static final int MAX_HEADER_BYTES = 240;

    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private long label;
    private boolean ipv6;
    private int namedAt;
    private boolean possible;
    private long header;
    private int headerBytes;
    private int packetBytes;
    private int offset;
    private int end;
    private boolean last;
    private boolean dontFragment;
    private int ecn;

    /** Reads an IPv4 fragment, whose header the parser found good. */
    void readIpv4(Packet packet) {
        long ip = packet.ip();
        sourceHigh = 0;
        sourceLow = Ipv4.source(ip) & 0xffff_ffffL;
        destinationHigh = 0;
        destinationLow = Ipv4.destination(ip) & 0xffff_ffffL;
        label = (long) Ipv4.protocol(ip) << 32 | Ipv4.identification(ip);
        ipv6 = false;
        header = ip;
        headerBytes = packet.ipHeaderBytes();
        packetBytes = packet.ipBytes();
        offset = Ipv4.fragmentOffset(ip);
        end = offset + packet.transportBytes();
        last = !Ipv4.moreFragments(ip);
        if (!last) {
            // Only the last may end anywhere; what is over is not looked at, as in the kernel.
            end &= -OFFSET_UNIT;
        }
        dontFragment = Ipv4.dontFragment(ip);
        ecn = 1 << (Ipv4.typeOfService(ip) & ECN_BITS);
        possible = end <= MAX_BYTES - Ipv4.MIN_HEADER_BYTES;
    }

    /** Reads an IPv6 fragment, whose headers the parser found good and still knows. */
    void readIpv6(Packet packet, ExtensionHeaders extensions) {
        long ip = packet.ip();
        long fragment = extensions.fragmentHeader();
        sourceHigh = Ipv6.sourceHigh(ip);
        sourceLow = Ipv6.sourceLow(ip);
        destinationHigh = Ipv6.destinationHigh(ip);
        destinationLow = Ipv6.destinationLow(ip);
        label = IPV6 | (Ipv6Fragment.identification(fragment) & 0xffff_ffffL);
        ipv6 = true;
        namedAt = extensions.fragmentNamedAt();
        header = ip;
        headerBytes = (int) (fragment - ip) + Ipv6Fragment.HEADER_BYTES;
        packetBytes = packet.ipBytes();
        offset = Ipv6Fragment.offset(fragment);
        end = offset + packetBytes - headerBytes;
        last = !Ipv6Fragment.more(fragment);
        dontFragment = false;
        ecn = 1 << (Ipv6.trafficClass(ip) & ECN_BITS);
        possible =
                end <= MAX_BYTES
                        && headerBytes <= MAX_HEADER_BYTES
                        && (last || end % OFFSET_UNIT == 0);
    }

    /** Neither empty nor beyond what any datagram has. */
    boolean possible() {
        return possible && end > offset;
    }

    boolean ipv6() {
        return ipv6;
    }

    /** Where in an IPv6 packet the byte is that says the fragment header follows. */
    int namedAt() {
        return namedAt;
    }

    long sourceHigh() {
        return sourceHigh;
    }

    long sourceLow() {
        return sourceLow;
    }

    long destinationHigh() {
        return destinationHigh;
    }

    long destinationLow() {
        return destinationLow;
    }

    /** Protocol and identification, or that it is IPv6 and the identification. */
    long label() {
        return label;
    }

    /** The address of the Ethernet header. */
    long frame() {
        return header - Ethernet.HEADER_BYTES;
    }

    /** The address of its payload. */
    long payload() {
        return header + headerBytes;
    }

    /** The bytes before its payload: the IP header, and IPv6's extension and fragment headers. */
    int headerBytes() {
        return headerBytes;
    }

    /** The bytes of the whole IP packet, as it was sent. */
    int packetBytes() {
        return packetBytes;
    }

    /** Where its payload begins in that of the datagram. */
    int offset() {
        return offset;
    }

    /** Where its payload ends in that of the datagram. */
    int end() {
        return end;
    }

    /** Nothing comes after it. */
    boolean last() {
        return last;
    }

    boolean dontFragment() {
        return dontFragment;
    }

    /** The bit that stands for its ECN codepoint (RFC 3168 5): 1, 2, 4 or 8. */
    int ecn() {
        return ecn;
    }
}
