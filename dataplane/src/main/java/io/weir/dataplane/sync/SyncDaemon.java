package io.weir.dataplane.sync;

import io.weir.dataplane.net.IpAddress;

/**
 * A synchronisation daemon as it was asked for or as it runs.
 *
 * @param interfaceName the interface it sends or listens on
 * @param syncId 0 to 255: a backup takes messages with its own id only, and with id 0 all
 * @param maxLength the longest message in bytes; 0 asks for the default, which is what a running
 *     daemon never has
 * @param group the multicast group, of either family
 * @param port the UDP port of the first of its sockets
 * @param ttl the hop limit of what a master sends
 */
public record SyncDaemon(
        SyncRole role,
        String interfaceName,
        int syncId,
        int maxLength,
        IpAddress group,
        int port,
        int ttl) {
    /** 224.0.0.81, assigned to IPVS's connection synchronisation. */
    public static final IpAddress DEFAULT_GROUP = IpAddress.v4(0xe0000051);

    public static final int DEFAULT_PORT = 8848;
    public static final int DEFAULT_TTL = 1;

    /** The same with the length that was found for it. */
    public SyncDaemon withMaxLength(int bytes) {
        return new SyncDaemon(role, interfaceName, syncId, bytes, group, port, ttl);
    }
}
