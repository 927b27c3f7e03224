package io.weir.dataplane.service;

/**
 * What can be changed of a real server.
 *
 * @param method how packets get there
 * @param weight its share, 0 for no new connections
 * @param upperThreshold connections at which it gets no more, 0 for no limit
 * @param lowerThreshold connections below which it gets some again; 0 means three quarters of the
 *     upper one
 * @param tunnel the encapsulation, of use only with {@link ForwardingMethod#TUNNEL}
 */
public record ServerSettings(
        ForwardingMethod method,
        int weight,
        int upperThreshold,
        int lowerThreshold,
        TunnelSettings tunnel) {
    public static ServerSettings of(ForwardingMethod method, int weight) {
        return new ServerSettings(method, weight, 0, 0, TunnelSettings.IPIP);
    }
}
