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
}
