package io.weir.dataplane.checksum;

import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.memory.Memory;

/**
 * The Internet checksum over a range of memory (RFC 1071).
 *
 * <p>A partial sum is the plain sum of 32-bit words in a long. 65,535 bytes and a pseudo header
 * stay far below 2^48, so carries are folded once, at the end, and partial sums are added with
 * {@link #add}. A part of odd length counts as if a zero byte followed it; therefore all parts but
 * the last must have an even length.
 */
public final class InternetChecksum {
    private static final long LOW_32 = 0xffff_ffffL;
    private static final int LOW_16 = 0xffff;

    private InternetChecksum() {}

    /** The partial sum of {@code bytes} bytes from {@code address} on, up to 2 GiB. */
    public static long sum(long address, int bytes) {
        long position = address;
        long end = address + (bytes & ~7);
        long sum = 0;
        for (; position < end; position += 8) {
            long words = Memory.u64(position);
            sum += (words >>> 32) + (words & LOW_32);
        }
        if ((bytes & 4) != 0) {
            sum += Memory.u32(position) & LOW_32;
            position += 4;
        }
        if ((bytes & 2) != 0) {
            sum += Memory.u16(position);
            position += 2;
        }
        if ((bytes & 1) != 0) {
            sum += (long) Memory.u8(position) << 8;
        }
        return sum;
    }

    /** Joins two partial sums, the first one of an even number of bytes. */
    public static long add(long sum, long other) {
        long both = sum + other;
        return (both >>> 32) + (both & LOW_32);
    }

    /** Folds a partial sum into 16 bits; 0 only if every byte summed was 0. */
    public static int fold(long sum) {
        long words = (sum >>> 32) + (sum & LOW_32);
        words = (words >>> 32) + (words & LOW_32);
        int folded = (int) (words >>> 16) + (int) (words & LOW_16);
        return (folded >>> 16) + (folded & LOW_16);
    }

    /**
     * The checksum for a partial sum, folded or not: the complement of what {@link #fold} gives.
     */
    public static int complement(long sum) {
        return ~fold(sum) & LOW_16;
    }

    /** The checksum that an IPv4 header should carry, whatever its checksum field holds. */
    public static int ipv4Header(long ip) {
        // The field is the low half of a summed word, so the difference is exact.
        return complement(sum(ip, Ipv4.headerBytes(ip)) - Ipv4.checksum(ip));
    }

    /**
     * The partial sum of the pseudo header of TCP and UDP over IPv4 (RFC 9293 section 3.1).
     *
     * @param length bytes of transport header and payload
     */
    public static long pseudoHeaderV4(int source, int destination, int protocol, int length) {
        return (source & LOW_32) + (destination & LOW_32) + protocol + length;
    }

    /**
     * The partial sum of the IPv6 pseudo header of TCP, UDP and ICMPv6 (RFC 8200 section 8.1).
     *
     * @param ip the IPv6 header that has the addresses
     * @param length bytes of transport header and payload
     */
    public static long pseudoHeaderV6(long ip, int protocol, int length) {
        return sum(ip + Ipv6.ADDRESSES_OFFSET, Ipv6.ADDRESSES_BYTES) + protocol + length;
    }

    /**
     * The checksum that a TCP segment or UDP datagram over IPv4 should carry, whatever its checksum
     * field holds. A computed 0 is returned as 0xffff for UDP, where 0 means none (RFC 768).
     *
     * @param ip the IPv4 header
     * @param transport the TCP or UDP header
     * @param bytes transport header and payload, at least the header's size
     */
    public static int transportV4(long ip, long transport, int bytes, int protocol) {
        long pseudo = pseudoHeaderV4(Ipv4.source(ip), Ipv4.destination(ip), protocol, bytes);
        return transport(pseudo, transport, bytes, protocol);
    }

    /**
     * The checksum that a TCP segment, UDP datagram or ICMPv6 message over IPv6 should carry,
     * whatever its checksum field holds; a computed 0 is returned as 0xffff for UDP.
     *
     * @param ip the IPv6 header
     * @param transport the TCP, UDP or ICMPv6 header
     * @param bytes transport header and payload, at least the header's size
     */
    public static int transportV6(long ip, long transport, int bytes, int protocol) {
        return transport(pseudoHeaderV6(ip, protocol, bytes), transport, bytes, protocol);
    }

    /** The checksum that an ICMP message over IPv4 should carry, whatever its field holds. */
    public static int icmp(long icmp, int bytes) {
        return complement(sum(icmp, bytes) - Icmp.checksum(icmp));
    }

    private static int transport(long pseudo, long transport, int bytes, int protocol) {
        long sum = pseudo + sum(transport, bytes);
        return switch (protocol) {
            // The field is the high half of a summed word in TCP, the low half in UDP and ICMPv6.
            case Ipv4.PROTOCOL_TCP -> complement(sum - ((long) Tcp.checksum(transport) << 16));
            case Ipv4.PROTOCOL_UDP -> nonZero(complement(sum - Udp.checksum(transport)));
            default -> complement(sum - Icmp.checksum(transport));
        };
    }

    private static int nonZero(int checksum) {
        return checksum == 0 ? LOW_16 : checksum;
    }
}
