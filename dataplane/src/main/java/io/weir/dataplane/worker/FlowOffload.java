package io.weir.dataplane.worker;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_OFFLOADED;

import io.weir.dataplane.director.ConnectionLife;
import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.OffloadedFlows;
import io.weir.dataplane.director.SyncReporter;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.egress.PathMtu;
import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.offload.FlowEnds;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.offload.OffloadStatistics;
import io.weir.dataplane.packet.NextHop;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Hands established flows to the kernel, takes them back, and counts what it has forwarded.
 *
 * <p>A flow is a direction of a connection. It is handed over when a packet of the connection takes
 * the fast path: what is decided about that packet holds for all that are alike, until a rule, the
 * network or the connection itself changes. Each of these takes it back; then its packets come to
 * the worker again, and the first of them that is plain hands it over anew. The end of a connection
 * is forwarded too, and told of, see {@link FlowEvents}.
 *
 * <p>A {@link FlowWalk} over all flows counts their packets as if they had come here and renews
 * their connections' time to live, a bounded part in every cycle. A place that a flow has left
 * stays empty for a while, see {@link FlowTable}; then what it had still counted is added.
 *
 * <p>Owned by the worker. Allocates nothing but in the constructor.
 */
final class FlowOffload implements OffloadedFlows {
    /** Longer than any program of the kernel takes to use what it has found. */
    static final int PAUSE_MILLIS = 50;

    /** Walks without a packet after which a flow gives its place back. */
    private static final int MOST_IDLE_WALKS = 40;

    /** Walks without a packet after which it does so if another flow wants the place. */
    private static final int IDLE_WALKS = 4;

    /**
     * Of the places, the part that may have flows of connections that are still opening, and the
     * most: so little of what a flood of SYNs can claim, a second each, costs time.
     */
    private static final int OPENING_PART = 8;

    private static final int MOST_OPENING = 16_384;

    /** How often it asks whether paths have become shorter. */
    private static final int PATHS_MILLIS = 250;

    /** Places made free in one cycle. */
    private static final int STEP = 256;

    /** A connection that may end sooner, not counting a round of the walk, is the worker's. */
    private static final int LEAST_TIMEOUT_SECONDS = 2;

    private static final int MASQUERADE = ForwardingMethod.MASQUERADE.code();

    private final FlowTable flows;
    private final ConnectionTable table;
    private final ConnectionLife life;
    private final SyncReporter reporter;
    private final Network network;
    private final LinkPorts links;
    private final PathMtu pathMtu;
    private final Transmitter transmitter;
    private final FlowEnds ends = new FlowEnds();

    private final FlowPlaces places;
    private final FlowBatch walked;
    private final FlowWalk walk;
    private final FlowBatch all;
    private final int leastTimeoutSeconds;
    private final FlowAccounts accounts;
    private final FlowEvents events;

    // By place.
    private final @Nullable Neighbour[] neighbour;
    private final long[] hopMac;
    private final boolean[] redirected;
    private final byte[] idleWalks;
    private final int mostOpening;

    private long nowMillis;
    private long nextPaths;
    private boolean closed;
    private int seenPathMtus;

    // Written by the worker alone.
    private final AtomicLong refused = new AtomicLong();

    FlowOffload(
            FlowTable flows,
            Director director,
            Network network,
            LinkPorts links,
            PathMtu pathMtu,
            Transmitter transmitter) {
        this.flows = flows;
        this.table = director.table();
        this.life = director.life();
        this.reporter = director.synchronisation().reporter();
        this.network = network;
        this.links = links;
        this.pathMtu = pathMtu;
        this.transmitter = transmitter;
        int capacity = flows.capacity();
        places = new FlowPlaces(capacity);
        walked = new FlowBatch(flows, places, table);
        walk = new FlowWalk(walked);
        all = new FlowBatch(flows, places, table);
        leastTimeoutSeconds = LEAST_TIMEOUT_SECONDS + FlowWalk.roundSeconds(capacity);
        accounts = new FlowAccounts(flows, places, director);
        events = new FlowEvents(flows, places, director);
        neighbour = new Neighbour[capacity];
        hopMac = new long[capacity];
        redirected = new boolean[capacity];
        idleWalks = new byte[capacity];
        mostOpening = Math.min(capacity / OPENING_PART, MOST_OPENING);
    }

    /** What has been done so far; any thread. */
    OffloadStatistics statistics() {
        return new OffloadStatistics(
                places.published(),
                flows.capacity(),
                accounts.forwardedPackets(),
                accounts.forwardedBytes(),
                refused.get());
    }

    @Override
    public void close() {
        withdrawAll();
        closed = true;
    }

    /**
     * Hands the flows of a connection over whose packet the fast path forwards: both, for a packet
     * of the other direction may never be plain. One that has no way out or no place stays here.
     *
     * @param condition the connection's
     */
    void offer(int slot, long condition, RealServer real) {
        int protocol = table.protocol(slot);
        if (closed || !lasting(slot, condition, protocol)) {
            return;
        }
        offerAll(slot, real, false);
    }

    /**
     * Hands the flows of a connection over whose SYN goes to its server: the rest of the handshake
     * is forwarded and told of.
     */
    void offerOpening(int slot, RealServer real) {
        if (places.openingCount() > mostOpening
                || closed
                || table.state(slot) != TcpState.SYN_RECV
                || reporter.reports()
                || !lasts(slot, Ipv4.PROTOCOL_TCP)) {
            return;
        }
        offerAll(slot, real, true);
    }

    // By direct routing the replies do not come here.
    private void offerAll(int slot, RealServer real, boolean opening) {
        offer(slot, real, false, opening);
        if (table.method(slot) == MASQUERADE) {
            offer(slot, real, true, opening);
        }
    }

    private void offer(int slot, RealServer real, boolean fromServer, boolean opening) {
        if (fromServer && table.replies().isHidden(slot)) {
            return; // they look like those of a later connection, whose they are
        }
        ends.set(table, slot, fromServer);
        if (flows.find(ends) != FlowTable.NONE) {
            return; // this packet came before its flow was handed over
        }
        NextHop hop = ends.hop();
        if (!fromServer && pathMtu.knows(hop)) {
            return; // the worker tells senders how long packets may be
        }
        Neighbour next =
                hop.ipv6()
                        ? network.nextHop(hop.high(), hop.low())
                        : network.nextHop(hop.address());
        LinkPort out = links.towards(next);
        if (next == null || out == null) {
            return;
        }
        int place = freePlace(flows.bucket(ends), opening);
        if (place == FlowTable.NONE) {
            return;
        }
        redirected[place] = out.port().sendsRedirected();
        writeAction(place, next, out.link());
        neighbour[place] = next;
        hopMac[place] = next.mac();
        idleWalks[place] = 0;
        places.take(place, slot, real, fromServer);
        accounts.open(place);
        if (opening) {
            places.opening(place);
            flows.putOpening(place, fromServer);
        }
        table.setFlags(slot, table.flags(slot) | FLAG_OFFLOADED);
        flows.open(place, ends);
    }

    private void writeAction(int place, Neighbour next, Link link) {
        int type = ends.ipv6() ? Ethernet.TYPE_IPV6 : Ethernet.TYPE_IPV4;
        flows.putWayOut(place, ends, link.index(), link.mtu(), redirected[place]);
        flows.putEthernet(place, next.mac(), link.mac(), type);
        if (ends.translated()) {
            flows.putTranslation(place, ends);
        }
    }

    // Other states may be left with the next acknowledgement; short timeouts end between two walks.
    // A reply by UDP may prove the template that controls it.
    private boolean lasting(int slot, long condition, int protocol) {
        int state = ConnectionTable.stateOf(condition);
        return (protocol == Ipv4.PROTOCOL_TCP
                        ? TcpState.opened(state) && !TcpState.over(state)
                        : table.controller(slot) == ConnectionTable.NONE)
                && (!reporter.reports() || table.packets(slot) > reporter.threshold())
                && lasts(slot, protocol);
    }

    private boolean lasts(int slot, int protocol) {
        return life.shortestTimeoutSeconds(protocol) > leastTimeoutSeconds
                && life.timeoutSeconds(slot) > leastTimeoutSeconds;
    }

    private int freePlace(int first, boolean opening) {
        int idle = FlowTable.NONE;
        for (int place = first; place < first + FlowTable.WAYS; place++) {
            if (places.isFree(place) && flows.claim(place)) {
                return place;
            }
            int mayBeIdle = places.isOpening(place) ? 1 : IDLE_WALKS;
            if (places.isLive(place) && idleWalks[place] >= mayBeIdle) {
                idle = place;
            }
        }
        if (opening) {
            return FlowTable.NONE;
        }
        refused.setRelease(refused.getPlain() + 1);
        if (idle != FlowTable.NONE) {
            leave(idle, true); // for a later packet
        }
        return FlowTable.NONE;
    }

    @Override
    public void withdraw(int slot) {
        withdraw(slot, true);
    }

    @Override
    public void ended(int slot) {
        withdraw(slot, false);
    }

    private void withdraw(int slot, boolean lives) {
        int flags = table.flags(slot);
        if ((flags & FLAG_OFFLOADED) == 0) {
            return;
        }
        table.setFlags(slot, flags & ~FLAG_OFFLOADED);
        withdraw(slot, false, lives);
        withdraw(slot, true, lives);
    }

    private void withdraw(int slot, boolean fromServer, boolean lives) {
        ends.set(table, slot, fromServer);
        int place = flows.find(ends);
        if (place != FlowTable.NONE && places.isLive(place) && places.connection(place) == slot) {
            leave(place, lives);
        }
    }

    @Override
    public void withdrawAll() {
        all.restart();
        while (all.advance(FlowBatch.STEP)) {
            for (int i = 0; i < all.size(); i++) {
                leave(all.get(i), true);
            }
        }
    }

    @Override
    public void count() {
        hear();
        all.restart();
        while (all.advance(FlowBatch.STEP)) {
            for (int i = 0; i < all.size(); i++) {
                accounts.count(all.get(i), true);
            }
        }
    }

    @Override
    public int hear() {
        return closed ? 0 : events.take();
    }

    private void leave(int place, boolean lives) {
        flows.close(place);
        accounts.count(place, lives);
        places.leave(place);
    }

    /** A cycle begins, at a time that has just been read. */
    void startCycle(long now) {
        places.date(now);
    }

    /**
     * Does a bounded part of what is due.
     *
     * @return what was done
     */
    int work(long now) {
        if (closed) {
            return 0;
        }
        nowMillis = now;
        int freed = freePlaces();
        if (now >= nextPaths) {
            nextPaths = now + PATHS_MILLIS;
            if (seenPathMtus != pathMtu.changes()) {
                seenPathMtus = pathMtu.changes();
                withdrawAll();
            }
        }
        return freed + walkOn();
    }

    /** A neighbour has changed: the flows that leave there are looked for at once. */
    void neighbourChanged() {
        walk.hurry();
    }

    private int freePlaces() {
        int freed = 0;
        while (freed < STEP && places.anyLeftBy(nowMillis - PAUSE_MILLIS)) {
            int place = places.firstLeft();
            accounts.count(place, false);
            neighbour[place] = null;
            places.freeFirstLeft();
            flows.free(place);
            freed++;
        }
        return freed;
    }

    private int walkOn() {
        if (!walk.advance(nowMillis)) {
            return 0;
        }
        for (int i = 0; i < walked.size(); i++) {
            int place = walked.get(i);
            if (!look(place)) {
                leave(place, true);
            }
        }
        return walked.size();
    }

    /** Counts what a flow has done; false if it is not to stay. */
    private boolean look(int place) {
        Neighbour next = neighbour[place];
        if (next == null || !next.usable() || next.mac() != hopMac[place]) {
            return false;
        }
        LinkPort out = links.onLink(next.linkIndex());
        if (out == null || out.port().sendsRedirected() != redirected[place]) {
            return false;
        }
        if (accounts.count(place, true)) {
            idleWalks[place] = 0;
            transmitter.confirm(next);
            return true;
        }
        idleWalks[place]++;
        return idleWalks[place] < (places.isOpening(place) ? IDLE_WALKS : MOST_IDLE_WALKS)
                && !(idleWalks[place] % IDLE_WALKS == 1 && over(places.connection(place)));
    }

    private boolean over(int slot) {
        return table.protocol(slot) == Ipv4.PROTOCOL_TCP && TcpState.over(table.state(slot));
    }
}
