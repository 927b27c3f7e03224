package io.weir.dataplane.spi;

import io.weir.dataplane.packet.PlainHeader;

/**
 * A forwarder that can rewrite a plain packet by itself, without anything having been told it of
 * the packet but its header: IPv4 without options, TCP or UDP.
 *
 * <p>Called on the worker thread for each such packet that a connection of its method has. The
 * packet has passed the router's checks and is whole. Addresses, ports and the IPv4 checksum are
 * changed in the header that is given, which is written to the frame later; the rest of the
 * transport header in the frame.
 */
public interface PlainForwarder extends Forwarder {
    /**
     * Rewrites a client's packet.
     *
     * @param transport the address of its TCP or UDP header
     * @param pending whether its transport checksum is still to be filled in by a device
     * @return false, and nothing changed, if it has to be left to {@link #forward}
     */
    boolean toServer(PlainHeader header, long transport, boolean pending, int server, int port);

    /**
     * Rewrites a server's packet.
     *
     * @param transport the address of its TCP or UDP header
     * @param pending whether its transport checksum is still to be filled in by a device
     * @return false, and nothing changed, if it has to be left to {@link #forward}
     */
    boolean toClient(PlainHeader header, long transport, boolean pending, int virtual, int port);
}
