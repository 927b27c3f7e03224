package io.weir.control.sync;

import io.weir.dataplane.sync.SyncDaemon;

import jdk.net.ExtendedSocketOptions;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.Collections;

/**
 * Opens the UDP sockets of daemons. What a socket receives comes by the daemon's interface and to
 * its group alone: the JDK switches Linux's IP_MULTICAST_ALL off.
 */
final class MulticastChannels {
    private MulticastChannels() {}

    private static ProtocolFamily family(SyncDaemon daemon) {
        return daemon.group().ipv6() ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    /** The daemon's interface. */
    static NetworkInterface networkInterface(SyncDaemon daemon) throws IOException {
        NetworkInterface found = NetworkInterface.getByName(daemon.interfaceName());
        if (found == null) {
            throw new IOException(
                    "the interface "
                            + daemon.interfaceName()
                            + " is not there or has no address to synchronise connections from");
        }
        return found;
    }

    static InetAddress group(SyncDaemon daemon, NetworkInterface on) throws IOException {
        byte[] group = daemon.group().toBytes();
        return daemon.group().ipv6()
                ? Inet6Address.getByAddress(null, group, on)
                : InetAddress.getByAddress(group);
    }

    /** A socket that sends from an address of the interface and does not hear itself. */
    static DatagramChannel sender(SyncDaemon daemon, int bufferBytes) throws IOException {
        NetworkInterface on = networkInterface(daemon);
        DatagramChannel channel = DatagramChannel.open(family(daemon));
        try {
            channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, on);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, daemon.ttl());
            channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, false);
            // Messages longer than the link takes leave in fragments (recorded: flush-many).
            channel.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, false);
            if (bufferBytes > 0) {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, bufferBytes);
            }
            // The kernel knows which IPv6 address fits the group's scope.
            channel.bind(daemon.group().ipv6() ? null : new InetSocketAddress(own(on), 0));
            return channel;
        } catch (IOException | RuntimeException refused) {
            channel.close();
            throw refused;
        }
    }

    private static InetAddress own(NetworkInterface on) throws IOException {
        for (InetAddress address : Collections.list(on.getInetAddresses())) {
            if (address instanceof Inet4Address) {
                return address;
            }
        }
        throw new IOException("the interface " + on.getName() + " has no IPv4 address");
    }

    /** A socket that receives, without blocking, what the group gets on a port. */
    static DatagramChannel receiver(SyncDaemon daemon, int port, int bufferBytes)
            throws IOException {
        NetworkInterface on = networkInterface(daemon);
        InetAddress group = group(daemon, on);
        DatagramChannel channel = DatagramChannel.open(family(daemon));
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            if (bufferBytes > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, bufferBytes);
            }
            channel.bind(new InetSocketAddress(group, port));
            channel.join(group, on);
            channel.configureBlocking(false);
            return channel;
        } catch (IOException | RuntimeException refused) {
            channel.close();
            throw refused;
        }
    }
}
