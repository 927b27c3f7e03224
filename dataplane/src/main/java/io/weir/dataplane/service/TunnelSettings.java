package io.weir.dataplane.service;

/**
 * The encapsulation for a real server.
 *
 * @param type the outer protocol
 * @param port the UDP port of GUE, 0 otherwise
 * @param checksum how the outer checksum is made
 */
public record TunnelSettings(Type type, int port, Checksum checksum) {
    public static final TunnelSettings IPIP = new TunnelSettings(Type.IPIP, 0, Checksum.NONE);

    /** The outer protocol. */
    public enum Type {
        IPIP,
        GUE,
        GRE
    }

    /** The options --tun-nocsum, --tun-csum and --tun-remcsum. */
    public enum Checksum {
        NONE,
        FULL,
        REMOTE
    }
}
