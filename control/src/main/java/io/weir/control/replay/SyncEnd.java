package io.weir.control.replay;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncInbox;
import io.weir.dataplane.sync.SyncNetwork;
import io.weir.dataplane.sync.SyncTransport;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One balancer's end of the link between two, in the place of the kernel's network stack: datagrams
 * of its daemons leave as frames, and frames that arrive become datagrams for its daemons if a
 * socket of the kernel would take them (recorded: inject-transport).
 */
final class SyncEnd implements SyncNetwork {
    private static final String LOOPBACK = "lo";
    private static final int LOOPBACK_MTU = 65536;

    /** Frames on their way; a daemon whose frames nobody takes loses those beyond. */
    private static final int MOST_QUEUED = 1 << 14;

    /** From where the kernel takes ports for sockets that ask for none. */
    private static final int FIRST_EPHEMERAL_PORT = 32768;

    private final NetworkSnapshot network;
    private final String linkName;
    private final @Nullable DatagramReceiver receiver;
    private final Deque<byte[]> sent = new ArrayDeque<>();
    private final List<Listener> listeners = new ArrayList<>();
    private int nextPort = FIRST_EPHEMERAL_PORT;

    private record Listener(SyncDaemon daemon, int ports, SyncInbox inbox) {
        boolean takes(UdpDatagram datagram) {
            int index = datagram.destinationPort() - daemon.port();
            return datagram.destination().equals(daemon.group()) && index >= 0 && index < ports;
        }
    }

    /**
     * An end.
     *
     * @param network the balancer's links and addresses
     * @param linkName the link to the other balancer
     */
    SyncEnd(NetworkSnapshot network, String linkName) {
        this.network = network;
        this.linkName = linkName;
        Link link = link(linkName);
        Set<IpAddress> own =
                network.addresses().stream().map(LinkAddress::address).collect(Collectors.toSet());
        receiver = link == null ? null : new DatagramReceiver(link.mac(), own);
    }

    private @Nullable Link link(String name) {
        for (Link link : network.links()) {
            if (link.name().equals(name)) {
                return link;
            }
        }
        return null;
    }

    @Override
    public int mtu(String interfaceName) {
        if (interfaceName.equals(LOOPBACK)) {
            return LOOPBACK_MTU;
        }
        Link link = link(interfaceName);
        return link == null ? 0 : link.mtu();
    }

    @Override
    public SyncTransport openMaster(SyncDaemon daemon, int ports) throws IOException {
        Link link = link(daemon.interfaceName());
        if (link == null || !link.name().equals(linkName) || staysInside(daemon.group())) {
            return new Unheard();
        }
        IpAddress source = source(link, daemon.group());
        if (source == null) {
            throw new IOException(link.name() + " has no address to send from");
        }
        return new Sender(new MulticastSender(link, source, nextPort++, daemon), daemon, ports);
    }

    // RFC 4291 2.7: scope 1 is the interface itself (recorded: nothing reaches the wire).
    private static boolean staysInside(IpAddress group) {
        return group.ipv6() && (group.high() >>> 48 & 15) == 1;
    }

    // For a link-local group the link-local address, else another one (RFC 6724 section 5, rule 2).
    private @Nullable IpAddress source(Link link, IpAddress group) {
        boolean linkLocal = group.ipv6() && (group.high() >>> 48 & 15) == 2;
        for (LinkAddress candidate : network.addresses()) {
            IpAddress address = candidate.address();
            boolean local = address.ipv6() && address.high() >>> 54 == 0xfe80 >>> 6;
            if (candidate.linkIndex() == link.index()
                    && address.ipv6() == group.ipv6()
                    && local == linkLocal) {
                return address;
            }
        }
        return null;
    }

    @Override
    public Closeable openBackup(SyncDaemon daemon, int ports, SyncInbox inbox) {
        Listener listener = new Listener(daemon, ports, inbox);
        if (daemon.interfaceName().equals(linkName)) {
            listeners.add(listener);
        }
        return () -> listeners.remove(listener);
    }

    /** The next frame that a daemon has sent, or null. */
    byte @Nullable [] poll() {
        return sent.poll();
    }

    /** Takes a frame from the link. */
    void receive(byte[] frame) {
        UdpDatagram datagram = receiver == null ? null : receiver.receive(frame);
        if (datagram == null) {
            return;
        }
        for (Listener listener : List.copyOf(listeners)) {
            if (listener.takes(datagram)) {
                byte[] message = datagram.payload();
                listener.inbox().received(message, message.length);
            }
        }
    }

    /** A daemon on another interface than the link: nobody is there. */
    private static final class Unheard implements SyncTransport {
        @Override
        public boolean send(int port, byte[] message, int length) {
            return true;
        }

        @Override
        public void close() {
            // has nothing
        }
    }

    private final class Sender implements SyncTransport {
        private final MulticastSender frames;
        private final SyncDaemon daemon;
        private final int ports;

        Sender(MulticastSender frames, SyncDaemon daemon, int ports) {
            this.frames = frames;
            this.daemon = daemon;
            this.ports = ports;
        }

        @Override
        public boolean send(int port, byte[] message, int length) {
            if (port < 0 || port >= ports || sent.size() >= MOST_QUEUED) {
                return false;
            }
            sent.addAll(frames.frames(daemon.port() + port, Arrays.copyOf(message, length)));
            return true;
        }

        @Override
        public void close() {
            // What it has sent is on its way.
        }
    }
}
