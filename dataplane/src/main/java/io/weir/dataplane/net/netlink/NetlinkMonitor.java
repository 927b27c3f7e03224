package io.weir.dataplane.net.netlink;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NeighbourResolver;
import io.weir.dataplane.net.NetworkListener;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.EventDescriptor;
import io.weir.dataplane.sys.PollSet;
import io.weir.dataplane.sys.SystemCallException;

import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Watches links, addresses, routes and neighbours of a network namespace, and asks for neighbours.
 *
 * <p>Neighbours are followed one by one. Any change of the other three only marks them as changed,
 * and they are read anew a few milliseconds later: the kernel does not announce every route that
 * goes (those of an interface that went down, for one), so a picture kept up by news alone would be
 * wrong. Where reading takes long, as with a full Internet table, it is done at most a tenth of the
 * time.
 */
public final class NetlinkMonitor implements NeighbourResolver, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NetlinkMonitor.class.getName());

    // RTMGRP bits of linux/rtnetlink.h: links, neighbours, addresses and routes of both families.
    private static final int GROUPS = 0x1 | 0x4 | 0x10 | 0x40 | 0x100 | 0x400;

    private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int REST_FACTOR = 9;
    private static final long FOR_EVER = -1;

    /** So that a flood of news does not keep requests waiting. */
    private static final int RECEIVES_PER_TURN = 64;

    /** More than fit into the socket's queue. */
    private static final int MOST_NEWS = 1 << 17;

    private final NetworkListener listener;
    private final NetlinkSocket news;
    private final NetlinkSocket requests;
    private final NetworkReader reader;
    private final EventDescriptor event;
    private final PollSet set;
    private final NeighbourRequests wanted;
    private final Thread thread;

    // The thread's own, and before it starts those of open().
    private final Map<NeighbourKey, NeighbourEntry> neighbours = new HashMap<>();
    private final Set<NeighbourKey> fixed = new HashSet<>();
    private boolean changed;
    private boolean lost;
    private long dueNanos;
    private long readNanos;

    private volatile NetworkSnapshot snapshot = NetworkSnapshot.EMPTY;
    private volatile boolean closed;

    private record NeighbourKey(int linkIndex, IpAddress address) {}

    private NetlinkMonitor(
            NetworkListener listener,
            NetlinkSocket news,
            NetlinkSocket requests,
            EventDescriptor event) {
        this.listener = listener;
        this.news = news;
        this.requests = requests;
        this.reader = new NetworkReader(requests);
        this.event = event;
        this.set = new PollSet(event.number(), news.descriptor());
        this.wanted = new NeighbourRequests(event);
        this.thread = Thread.ofPlatform().name("weir-netlink").daemon().unstarted(this::run);
    }

    /**
     * Starts to watch the calling thread's network namespace. The network as it is has been told to
     * the listener, on the calling thread, when this returns; all later news come on a thread of
     * the monitor's own.
     */
    public static NetlinkMonitor open(NetworkListener listener) throws SystemCallException {
        NetlinkSocket news = new NetlinkSocket(GROUPS);
        NetlinkSocket requests = null;
        EventDescriptor event = null;
        NetlinkMonitor monitor;
        try {
            requests = new NetlinkSocket(0);
            event = new EventDescriptor(NetlinkSocket.PURPOSE);
            monitor = new NetlinkMonitor(listener, news, requests, event);
            monitor.readNetwork();
            monitor.readNeighbours();
        } catch (SystemCallException e) {
            if (event != null) {
                event.close();
            }
            if (requests != null) {
                requests.close();
            }
            news.close();
            throw e;
        }
        monitor.thread.start();
        return monitor;
    }

    /** The latest picture of links, addresses and routes. */
    public NetworkSnapshot snapshot() {
        return snapshot;
    }

    /** Requests for neighbours lost because too many were waiting. */
    public long droppedRequests() {
        return wanted.dropped();
    }

    @Override
    public void resolve(int linkIndex, IpAddress address) {
        wanted.add(linkIndex, address);
    }

    private void run() {
        while (!closed) {
            set.await(changed || lost ? Math.max(0, dueNanos - System.nanoTime()) : FOR_EVER);
            event.clear();
            wanted.acknowledge();
            try {
                sendRequests();
                receiveNews();
                if ((changed || lost) && System.nanoTime() - dueNanos >= 0) {
                    readAgain();
                }
            } catch (SystemCallException e) {
                LOG.log(Level.WARNING, e.getMessage());
                change();
                dueNanos = System.nanoTime() + RETRY_NANOS;
            } catch (RuntimeException e) {
                // A listener's mistake must not blind the balancer for the rest of its life.
                LOG.log(Level.ERROR, "network news could not be handled", e);
            }
        }
        set.close();
        event.close();
        requests.close();
        news.close();
    }

    private void sendRequests() throws SystemCallException {
        Set<NeighbourRequests.Request> sent = new HashSet<>();
        for (NeighbourRequests.Request request = wanted.next();
                request != null;
                request = wanted.next()) {
            // The kernel would take the mark of permanence off a fixed one, and then forget it.
            if (!fixed.contains(new NeighbourKey(request.linkIndex(), request.address()))
                    && sent.add(request)) {
                requests.send(
                        RouteMessages.NEW_NEIGHBOUR, NetlinkMessage.CREATE, request.toBytes());
            }
        }
        // A refusal, as for a link that is gone, means that no news of the neighbour will come.
        while (!sent.isEmpty() && requests.receive(false) != null) {}
    }

    private void receiveNews() throws SystemCallException {
        for (int i = 0; i < RECEIVES_PER_TURN; i++) {
            ByteBuffer received;
            try {
                received = news.receive(false);
            } catch (SystemCallException e) {
                if (e.errno() != Errno.ENOBUFS) {
                    throw e;
                }
                lost = true;
                change();
                return;
            }
            if (received == null) {
                return;
            }
            for (NetlinkMessage message = NetlinkMessage.next(received);
                    message != null;
                    message = NetlinkMessage.next(received)) {
                take(message);
            }
        }
    }

    /** Throws away all waiting news: they are older than what is read next, and have gaps. */
    private void discardNews() throws SystemCallException {
        for (int i = 0; i < MOST_NEWS; i++) {
            try {
                if (news.receive(false) == null) {
                    return;
                }
            } catch (SystemCallException e) {
                if (e.errno() != Errno.ENOBUFS) {
                    throw e;
                }
            }
        }
    }

    private void take(NetlinkMessage message) {
        if (message.type() == RouteMessages.NEW_NEIGHBOUR
                || message.type() == RouteMessages.DELETE_NEIGHBOUR) {
            RouteMessages.Neighbour neighbour =
                    RouteMessages.neighbour(message.type(), message.body());
            if (neighbour != null) {
                learn(neighbour);
            }
        } else if (!isRenewal(message)) {
            change();
        }
    }

    // weir extends the life of its floating addresses more than once a second.
    private boolean isRenewal(NetlinkMessage message) {
        LinkAddress address =
                message.type() == RouteMessages.NEW_ADDRESS
                        ? RouteMessages.address(message.body())
                        : null;
        return address != null && snapshot.addresses().contains(address);
    }

    private void change() {
        if (!changed) {
            changed = true;
            long now = System.nanoTime();
            dueNanos = Math.max(now + SETTLE_NANOS, dueNanos + REST_FACTOR * readNanos);
        }
    }

    private void learn(RouteMessages.Neighbour neighbour) {
        NeighbourEntry entry = neighbour.entry();
        NeighbourKey key = new NeighbourKey(entry.linkIndex(), entry.address());
        if (neighbour.fixed()) {
            fixed.add(key);
        } else {
            fixed.remove(key);
        }
        NeighbourEntry before =
                entry.state() == NeighbourEntry.State.GONE
                        ? neighbours.remove(key)
                        : neighbours.put(key, entry);
        if (!entry.equals(before)) {
            listener.neighbourChanged(entry);
        }
    }

    private void readAgain() throws SystemCallException {
        changed = false;
        if (lost) {
            discardNews();
        }
        readNetwork();
        if (lost) {
            readNeighbours();
            lost = false;
        }
    }

    private void readNetwork() throws SystemCallException {
        long start = System.nanoTime();
        NetworkSnapshot read = reader.snapshot();
        dueNanos = System.nanoTime();
        readNanos = dueNanos - start;
        if (!read.equals(snapshot)) {
            snapshot = read;
            listener.networkChanged(read);
        }
    }

    private void readNeighbours() throws SystemCallException {
        Set<NeighbourKey> gone = new HashSet<>(neighbours.keySet());
        reader.neighbours(
                neighbour -> {
                    NeighbourEntry entry = neighbour.entry();
                    gone.remove(new NeighbourKey(entry.linkIndex(), entry.address()));
                    learn(neighbour);
                });
        for (NeighbourKey key : gone) {
            learn(
                    new RouteMessages.Neighbour(
                            new NeighbourEntry(
                                    key.linkIndex, key.address, NeighbourEntry.State.GONE, 0),
                            false));
        }
    }

    /** Stops to watch; no news come after this has returned. Not to be called by the listener. */
    @Override
    public void close() {
        closed = true;
        event.signal();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
