package io.weir.control.heartbeat;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** A socket on one of this router's own addresses, and the partner's address that it sends to. */
final class HeartbeatPath implements AutoCloseable {
    private static final Logger LOG = System.getLogger("weir");

    /** More than a heartbeat has, so that a longer datagram shows. */
    private static final int BUFFER_BYTES = 128;

    private final DatagramChannel channel;
    private final IpAddress own;
    private final InetSocketAddress partner;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private boolean failing;

    private HeartbeatPath(DatagramChannel channel, IpAddress own, InetSocketAddress partner) {
        this.channel = channel;
        this.own = own;
        this.partner = partner;
    }

    /**
     * Opens a path in the calling thread's network namespace.
     *
     * @throws IOException if the address is not this host's, or the port is taken; one line
     */
    static HeartbeatPath open(IpAddress own, IpAddress partner, int port, Selector selector)
            throws IOException {
        DatagramChannel channel =
                DatagramChannel.open(
                        own.ipv6() ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
        try {
            channel.configureBlocking(false);
            // So that a new configuration can have its sockets before the old one gives them up.
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(socketAddress(own, port));
            channel.register(selector, SelectionKey.OP_READ);
            return new HeartbeatPath(channel, own, socketAddress(partner, port));
        } catch (IOException e) {
            channel.close();
            throw new IOException(
                    "cannot listen for heartbeats on "
                            + own
                            + " port "
                            + port
                            + " (UDP): "
                            + e.getMessage()
                            + (refused(e)
                                    ? "; a port below 1024 needs CAP_NET_BIND_SERVICE"
                                    : "; is pulse running, or the address missing?"),
                    e);
        }
    }

    private static boolean refused(IOException failure) {
        return String.valueOf(failure.getMessage()).contains("Permission denied");
    }

    private static InetSocketAddress socketAddress(IpAddress address, int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(address.toBytes()), port);
    }

    /** Sends a datagram; a path that is broken is told of once. */
    void send(byte[] datagram) {
        try {
            channel.send(ByteBuffer.wrap(datagram), partner);
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                failing = true;
                LOG.log(
                        Level.WARNING,
                        "no heartbeat can be sent from " + own + ": " + e.getMessage());
            }
        }
    }

    /**
     * Takes the next datagram that waits.
     *
     * @return who has sent it, null if there is none
     */
    @Nullable IpAddress receive() throws IOException {
        buffer.clear();
        return channel.receive(buffer) instanceof InetSocketAddress from
                ? IpAddress.of(from.getAddress().getAddress())
                : null;
    }

    /** What {@link #receive} took. */
    byte[] datagram() {
        byte[] datagram = new byte[buffer.position()];
        buffer.get(0, datagram);
        return datagram;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, e.getMessage());
        }
    }
}
