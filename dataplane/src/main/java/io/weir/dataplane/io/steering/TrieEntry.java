package io.weir.dataplane.io.steering;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;

/**
 * A line of one of the tables that {@link MarkTrie} keeps in the kernel: what begins with these
 * bits has this value.
 *
 * @param table the table's number, not 0
 * @param protocol the transport protocol; 0 in a table that does not go by it
 * @param high the first 8 bytes of what is looked up
 * @param low the last 8 bytes
 * @param length how many bits of these 16 bytes have to be equal
 * @param value the number of the table to look into next; 0 for none
 */
record TrieEntry(int table, int protocol, long high, long low, int length, int value) {
    private static final int PORT_BITS = 16;

    /** A line for addresses; IPv4 is kept as RFC 4291 maps it into IPv6. */
    static TrieEntry ofAddresses(int table, int protocol, Prefix prefix, int value) {
        IpAddress network = prefix.network();
        return network.ipv6()
                ? new TrieEntry(
                        table, protocol, network.high(), network.low(), prefix.length(), value)
                : new TrieEntry(
                        table,
                        protocol,
                        0,
                        0xffffL << 32 | network.low(),
                        96 + prefix.length(),
                        value);
    }

    /** A line for the ports from {@code first} on that are equal but in their last bits. */
    static TrieEntry ofPorts(int table, int first, int lastBits) {
        return new TrieEntry(
                table, 0, (long) first << (Long.SIZE - PORT_BITS), 0, PORT_BITS - lastBits, 1);
    }
}
