package io.weir.control.vrrp;

import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.netlink.LinkWatch;
import io.weir.dataplane.sys.PollSet;
import io.weir.dataplane.sys.RawIpSocket;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The sockets of protocol 112: one for each interface and family, whatever number of virtual
 * routers speaks there. Owned by the failover thread.
 */
final class VrrpSockets implements AutoCloseable {
    /** More than fits into a socket's queue, so that one turn empties it. */
    private static final int RECEIVES_PER_TURN = 1024;

    private static final String SPEAK = "speak VRRP on ";

    private final int[] others;
    private Map<Place, Speaker> open = new LinkedHashMap<>();
    private PollSet poll;

    private record Place(String device, boolean ipv6) {
        static Place of(VrrpInstanceConfig config) {
            return new Place(config.device(), config.ipv6());
        }
    }

    private record Speaker(RawIpSocket socket, boolean joined) {}

    /** Takes a packet that arrived on an interface. */
    @FunctionalInterface
    interface Receiver {
        void receive(String device, Datagram datagram);
    }

    /**
     * No sockets yet.
     *
     * @param others descriptors that end the wait too
     */
    VrrpSockets(int... others) {
        this.others = others.clone();
        poll = new PollSet(this.others);
    }

    /** Waits until there is something to read, or the time is up. */
    void await(long nanos) {
        poll.await(nanos);
    }

    /** Whether the last wait found one of the other descriptors readable. */
    boolean isReadable(int other) {
        return poll.isReadable(other);
    }

    /**
     * Opens the sockets that instances need on the interfaces that exist, and closes those that
     * none needs or whose interface is another by now.
     *
     * @throws SystemCallException if the machine refuses one that it need not refuse; nothing has
     *     changed then
     */
    void reconcile(List<VrrpInstanceConfig> instances, LinkWatch links) throws SystemCallException {
        Map<Place, Boolean> wanted = new LinkedHashMap<>();
        for (VrrpInstanceConfig instance : instances) {
            if (links.link(instance.device()) != null) {
                wanted.merge(Place.of(instance), instance.peers().isEmpty(), Boolean::logicalOr);
            }
        }
        Map<Place, Speaker> next = new LinkedHashMap<>();
        List<RawIpSocket> made = new ArrayList<>();
        try {
            for (Map.Entry<Place, Boolean> entry : wanted.entrySet()) {
                Place place = entry.getKey();
                Speaker old = open.get(place);
                int index = Objects.requireNonNull(links.link(place.device)).index();
                if (old == null || old.socket.interfaceIndex() != index) {
                    old = new Speaker(openSocket(place), false);
                    made.add(old.socket);
                }
                if (entry.getValue() && !old.joined) {
                    byte[] group = MessageFormat.group(place.ipv6).toBytes();
                    old.socket.join(group, SPEAK + place.device);
                    Speaker joined = new Speaker(old.socket, true);
                    // One that stays is not to join again, whatever becomes of the others.
                    open.replace(place, old, joined);
                    old = joined;
                }
                next.put(place, old);
            }
        } catch (SystemCallException e) {
            made.forEach(RawIpSocket::close);
            throw e;
        }
        adopt(next);
    }

    private static RawIpSocket openSocket(Place place) throws SystemCallException {
        return new RawIpSocket(
                place.ipv6, MessageFormat.PROTOCOL, place.device, SPEAK + place.device);
    }

    private void adopt(Map<Place, Speaker> next) {
        if (next.equals(open)) {
            return;
        }
        poll.close();
        Set<RawIpSocket> kept = new HashSet<>();
        int[] descriptors = Arrays.copyOf(others, others.length + next.size());
        int at = others.length;
        for (Speaker speaker : next.values()) {
            kept.add(speaker.socket);
            descriptors[at++] = speaker.socket.descriptor();
        }
        for (Speaker speaker : open.values()) {
            if (!kept.contains(speaker.socket)) {
                speaker.socket.close();
            }
        }
        open = next;
        poll = new PollSet(descriptors);
    }

    /** Whether there is a socket for an instance. */
    boolean isOpen(VrrpInstanceConfig instance) {
        return open.containsKey(Place.of(instance));
    }

    /** Gives everything that has arrived to a receiver. */
    void receive(Receiver receiver) {
        int at = others.length;
        for (Map.Entry<Place, Speaker> entry : open.entrySet()) {
            if (poll.isReadable(at) || poll.isFailed(at)) {
                receive(entry.getKey(), entry.getValue().socket, receiver);
            }
            at++;
        }
    }

    private static void receive(Place place, RawIpSocket socket, Receiver receiver) {
        for (int i = 0; i < RECEIVES_PER_TURN; i++) {
            RawIpSocket.@Nullable Received received;
            try {
                received = socket.receive(SPEAK + place.device);
            } catch (SystemCallException e) {
                // The interface went down or away: the watch over the links tells more.
                return;
            }
            if (received == null) {
                return;
            }
            receiver.receive(
                    place.device,
                    new Datagram(
                            IpAddress.of(received.source()),
                            IpAddress.of(received.destination()),
                            received.hopLimit(),
                            received.payload()));
        }
    }

    /** Sends a message; false if the machine refuses. */
    boolean send(VrrpInstanceConfig instance, IpAddress source, IpAddress to, byte[] message) {
        Speaker speaker = open.get(Place.of(instance));
        return speaker != null && speaker.socket.send(source.toBytes(), to.toBytes(), message) >= 0;
    }

    @Override
    public void close() {
        poll.close();
        open.values().forEach(speaker -> speaker.socket.close());
        open = Map.of();
    }
}
