package io.weir.dataplane.fragment;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.packet.Packet;

/**
 * One fragment: where its payload belongs, and what names its datagram. That is source,
 * destination, protocol and identification (RFC 791 3.2). Reused for each; owned by the worker.
 */
final class Fragment {
    /** The longest IPv4 packet, and the longest payload of an IPv6 one. */
    static final int MAX_BYTES = 0xffff;

    private static final int OFFSET_UNIT = 8;
    private static final int ECN_BITS = 3;

    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private long label;
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
    }

    /** Neither empty nor beyond what any datagram has. */
    boolean possible() {
        return end > offset && end <= MAX_BYTES - Ipv4.MIN_HEADER_BYTES;
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

    /** Protocol and identification. */
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

    /** The bytes of the IP header. */
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
