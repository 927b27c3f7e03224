package io.weir.control.config;

import io.weir.dataplane.net.IpAddress;

/**
 * A health check of one real server.
 *
 * @param probe what is asked and which answer is good
 * @param address where it is asked: the real server's address, or another one of its machine
 * @param port the port there; 0 for probes without one
 * @param path which way it goes
 * @param timing when, and how many results it takes to change one's mind
 */
public record CheckConfig(Probe probe, IpAddress address, int port, Path path, CheckTiming timing) {
    /** Which way a check goes. */
    public enum Path {
        /** To {@link CheckConfig#address} by the host's own routes. */
        DIRECT,

        /**
         * To the virtual address, by the forwarding method of the real server, as a client's packet
         * would go; proves that the server answers for the virtual address.
         */
        THROUGH_SERVICE
    }
}
