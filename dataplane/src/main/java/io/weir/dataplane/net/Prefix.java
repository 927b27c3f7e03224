package io.weir.dataplane.net;

import org.jspecify.annotations.Nullable;

/**
 * A network: an address whose bits behind the prefix are zero, and the prefix's length.
 *
 * @param network the first address
 * @param length 0 to 32 or 128 bits
 */
public record Prefix(IpAddress network, int length) {
    private static final Prefix ANY_V4 = new Prefix(IpAddress.v4(0), 0);
    private static final Prefix ANY_V6 = new Prefix(IpAddress.v6(0, 0), 0);

    /** The network of an address; its bits behind the prefix are dropped. */
    public static Prefix of(IpAddress address, int length) {
        return new Prefix(ConnectedRoutes.network(address, length), length);
    }

    /** One address alone. */
    public static Prefix host(IpAddress address) {
        return new Prefix(address, bits(address));
    }

    /** Every address of a family. */
    public static Prefix any(boolean ipv6) {
        return ipv6 ? ANY_V6 : ANY_V4;
    }

    private static int bits(IpAddress address) {
        return address.ipv6() ? 128 : 32;
    }

    /** Whether it is one address alone. */
    public boolean isHost() {
        return length == bits(network);
    }

    /** Whether every address of the other is in this one; never across families. */
    public boolean contains(Prefix other) {
        return length <= other.length && network.matches(other.network, length);
    }

    public boolean contains(IpAddress address) {
        return network.matches(address, length);
    }

    /** What two prefixes have in common, which is one of them or nothing. */
    public @Nullable Prefix intersection(Prefix other) {
        if (contains(other)) {
            return other;
        }
        return other.contains(this) ? this : null;
    }

    /** The address, with the length behind a slash unless it is one address alone. */
    @Override
    public String toString() {
        return isHost() ? network.toString() : network + "/" + length;
    }
}
