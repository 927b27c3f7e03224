package io.weir.dataplane.service;

/**
 * Counters of a service, a server or the whole balancer at one instant.
 *
 * @param connections connections made
 * @param inPackets packets from clients
 * @param outPackets packets from servers (NAT only)
 * @param inBytes IP bytes from clients
 * @param outBytes IP bytes from servers
 * @param connectionRate connections a second, smoothed
 * @param inPacketRate packets a second from clients, smoothed
 * @param outPacketRate packets a second from servers, smoothed
 * @param inByteRate bytes a second from clients, smoothed
 * @param outByteRate bytes a second from servers, smoothed
 */
public record CounterSnapshot(
        long connections,
        long inPackets,
        long outPackets,
        long inBytes,
        long outBytes,
        long connectionRate,
        long inPacketRate,
        long outPacketRate,
        long inByteRate,
        long outByteRate) {
    public static final CounterSnapshot ZERO = new CounterSnapshot(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
