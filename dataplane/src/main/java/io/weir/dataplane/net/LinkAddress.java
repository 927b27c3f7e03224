package io.weir.dataplane.net;

/**
 * An address of the host itself.
 *
 * @param address the address
 * @param prefixLength the length of its network's prefix; every address of a {@code local} prefix
 *     route is given as a {@link Route} instead
 * @param linkIndex the interface that holds it
 * @param deprecated good for receiving; as a source only where there is no other (RFC 4862)
 */
public record LinkAddress(IpAddress address, int prefixLength, int linkIndex, boolean deprecated) {
    /** An address that is not deprecated. */
    public LinkAddress(IpAddress address, int prefixLength, int linkIndex) {
        this(address, prefixLength, linkIndex, false);
    }

    /**
     * Reads an address with or without the length of its prefix, as 10.1.0.1/24.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static LinkAddress parse(String cidr, int linkIndex) {
        int slash = cidr.indexOf('/');
        IpAddress address = IpAddress.parse(slash < 0 ? cidr : cidr.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException(cidr + " is not an address with a prefix length");
        }
        int most = address.ipv6() ? 128 : 32;
        int length = slash < 0 ? most : Integer.parseInt(cidr.substring(slash + 1));
        return new LinkAddress(address, length, linkIndex);
    }
}
