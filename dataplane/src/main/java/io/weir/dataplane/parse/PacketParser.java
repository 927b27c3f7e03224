package io.weir.dataplane.parse;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Sctp;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;

/**
 * Reads Ethernet, IP and transport headers into a {@link Packet}, comparing each length with what
 * is really there. Follows the kernel in what it lets pass: transport checksums are not looked at,
 * padding after the IP packet is cut off, a bad IP header is dropped in silence (BEHAVIOUR.md,
 * "Forwarding" and "Checksums").
 */
public final class PacketParser {
    private static final int PORTS_BYTES = 4;

    private final DropCounters drops;
    private final ExtensionHeaders extensions = new ExtensionHeaders();

    public PacketParser(DropCounters drops) {
        this.drops = drops;
    }

    /**
     * Parses the Ethernet header of a packet of which nothing is known yet.
     *
     * @return the EtherType, or -1 if the frame was dropped
     */
    public int ethertype(Packet packet) {
        packet.begin();
        if (packet.frameBytes() < Ethernet.HEADER_BYTES) {
            drops.drop(packet, DropReason.FRAME_TOO_SHORT);
            return -1;
        }
        return Ethernet.type(packet.frame());
    }

    /**
     * Parses an IPv4 packet.
     *
     * @return false if it was dropped
     */
    public boolean ipv4(Packet packet) {
        long ip = packet.frame() + Ethernet.HEADER_BYTES;
        int available = packet.frameBytes() - Ethernet.HEADER_BYTES;
        if (available < Ipv4.MIN_HEADER_BYTES) {
            drops.drop(packet, DropReason.FRAME_TOO_SHORT);
            return false;
        }
        int headerBytes = Ipv4.headerBytes(ip);
        int totalBytes = Ipv4.totalLength(ip);
        if (Ipv4.version(ip) != 4
                || headerBytes < Ipv4.MIN_HEADER_BYTES
                || totalBytes < headerBytes
                || totalBytes > available) {
            drops.drop(packet, DropReason.IP_HEADER_INVALID);
            return false;
        }
        if (InternetChecksum.complement(InternetChecksum.sum(ip, headerBytes)) != 0) {
            drops.drop(packet, DropReason.IP_CHECKSUM_WRONG);
            return false;
        }
        int source = Ipv4.source(ip);
        if (nobody(source)) {
            drops.drop(packet, DropReason.SOURCE_INVALID);
            return false;
        }
        if (nobody(Ipv4.destination(ip))) {
            drops.drop(packet, DropReason.DESTINATION_INVALID);
            return false;
        }
        packet.resizeFrame(packet.frame(), Ethernet.HEADER_BYTES + totalBytes);
        packet.setIp(ip, headerBytes, totalBytes);
        packet.setAddresses(Ipv4.protocol(ip), source, Ipv4.destination(ip));
        if (Ipv4.isFragment(ip)) {
            packet.setFragment();
            return true;
        }
        return transport(packet);
    }

    /**
     * Parses an IPv6 packet with its extension headers, up to the transport header; addresses are
     * not judged yet.
     *
     * @return false if it was dropped
     */
    public boolean ipv6(Packet packet) {
        long ip = packet.frame() + Ethernet.HEADER_BYTES;
        int available = packet.frameBytes() - Ethernet.HEADER_BYTES;
        if (available < Ipv6.HEADER_BYTES) {
            drops.drop(packet, DropReason.FRAME_TOO_SHORT);
            return false;
        }
        int totalBytes = Ipv6.HEADER_BYTES + Ipv6.payloadLength(ip);
        if (Ipv6.version(ip) != 6 || totalBytes > available || !extensions.walk(ip, totalBytes)) {
            drops.drop(packet, DropReason.IP_HEADER_INVALID);
            return false;
        }
        if (extensions.sourceRouted()) {
            drops.drop(packet, DropReason.SOURCE_ROUTED);
            return false;
        }
        packet.resizeFrame(packet.frame(), Ethernet.HEADER_BYTES + totalBytes);
        packet.setIp(ip, extensions.bytes(), totalBytes);
        packet.endpoints()
                .setV6(
                        extensions.protocol(),
                        Ipv6.sourceHigh(ip),
                        Ipv6.sourceLow(ip),
                        Ipv6.destinationHigh(ip),
                        Ipv6.destinationLow(ip));
        if (extensions.fragment()) {
            packet.setFragment();
            return true;
        }
        return transport(packet);
    }

    /** What the last IPv6 packet's extension headers are. */
    public ExtensionHeaders extensions() {
        return extensions;
    }

    /**
     * Judges the addresses of an IPv6 packet that is no neighbour discovery.
     *
     * @return false if it was dropped
     */
    public boolean ipv6Addresses(Packet packet) {
        long ip = packet.ip();
        if (nobody(Ipv6.sourceHigh(ip), Ipv6.sourceLow(ip))) {
            drops.drop(packet, DropReason.SOURCE_INVALID);
            return false;
        }
        if (nobody(Ipv6.destinationHigh(ip), Ipv6.destinationLow(ip))) {
            drops.drop(packet, DropReason.DESTINATION_INVALID);
            return false;
        }
        return true;
    }

    /** The unspecified address, loopback and multicast (RFC 4291 2.5.2, 2.5.3 and 2.7). */
    private static boolean nobody(long high, long low) {
        return high >>> 56 == 0xff || (high == 0 && (low == 0 || low == 1));
    }

    /** Addresses of no single host out there: 0/8, 127/8, 224/4 and 240/4 (RFC 1122 3.2.1.3). */
    public static boolean nobody(int address) {
        int first = address >>> 24;
        return first == 0 || first == 127 || first >= 224;
    }

    private boolean transport(Packet packet) {
        long header = packet.transport();
        int bytes = packet.transportBytes();
        switch (packet.protocol()) {
            case Ipv4.PROTOCOL_TCP -> {
                if (bytes < Tcp.MIN_HEADER_BYTES) {
                    return truncated(packet, header, bytes);
                }
                packet.setPorts(Tcp.sourcePort(header), Tcp.destinationPort(header));
                packet.setTcpFlags(Tcp.flags(header));
            }
            case Ipv4.PROTOCOL_UDP -> {
                if (bytes < Udp.HEADER_BYTES) {
                    return truncated(packet, header, bytes);
                }
                packet.setPorts(Udp.sourcePort(header), Udp.destinationPort(header));
            }
            case Ipv4.PROTOCOL_SCTP -> {
                if (bytes < Sctp.HEADER_BYTES) {
                    return truncated(packet);
                }
                packet.setPorts(Sctp.sourcePort(header), Sctp.destinationPort(header));
            }
            case Ipv4.PROTOCOL_ICMP, Ipv4.PROTOCOL_ICMPV6 -> {
                if (bytes < Icmp.HEADER_BYTES) {
                    return truncated(packet);
                }
            }
            default -> {}
        }
        return true;
    }

    // With its ports a packet can belong to a connection (recorded: ip-options with -g).
    private boolean truncated(Packet packet, long header, int bytes) {
        if (bytes < PORTS_BYTES) {
            return truncated(packet);
        }
        packet.setTruncated(Udp.sourcePort(header), Udp.destinationPort(header));
        return true;
    }

    private boolean truncated(Packet packet) {
        drops.drop(packet, DropReason.TRANSPORT_TRUNCATED);
        return false;
    }
}
