package io.weir.dataplane.worker;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_FOLLOWED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_ONE_PACKET;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_SERVER_IPV6;

import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.OutwardServers;
import io.weir.dataplane.director.ServiceTable;
import io.weir.dataplane.director.SteadyLife;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.egress.PathMtu;
import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.egress.WaysOut;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.spi.PlainForwarder;

/**
 * The way of the plain packet: IPv4 without options or fragments, TCP with ACK alone or UDP, of a
 * connection that is there and whose state it leaves as it is, by NAT or direct routing to a
 * neighbour that is known. That is nearly every packet.
 *
 * <p>It does what the steps of {@link Pipeline} would do, and nothing of it by halves: before
 * anything is changed, all is compared, and what is not plain in every respect is left to those.
 * Owned by the worker.
 */
final class FastPath {
    static final int NOT_PLAIN = FLAG_FOLLOWED | FLAG_ONE_PACKET | FLAG_SERVER_IPV6;
    static final int MASQUERADE = ForwardingMethod.MASQUERADE.code();
    private static final int ROUTE = ForwardingMethod.ROUTE.code();

    private final ServiceTable services;
    private final OutwardServers outward;
    private final SteadyLife steady;
    private final BurstCounts counts;
    private final SynRefusal refusal;

    /** A bit for each method that it knows, by their codes. */
    private final int methods;

    private final PlainPackets plain;
    private final PlainRequests requests;
    private final PlainReplies replies;
    private final PlainDepartures departures;
    private final PlainWatch watch;
    private final StepOffers stepping;

    private boolean off;
    private long forwarded;

    FastPath(
            Director director,
            Network network,
            LinkPorts ports,
            PathMtu pathMtu,
            ForwardingMethods forwarders,
            DropCounters drops,
            Transmitter transmitter) {
        services = director.serviceTable();
        outward = director.outwardServers();
        steady = director.life().steady();
        counts = new BurstCounts(director.totalCounters());
        refusal = new SynRefusal(director.defence().admission(), services, drops);
        PlainForwarder translator =
                forwarders.get(MASQUERADE) instanceof PlainForwarder known ? known : null;
        methods =
                (forwarders.get(ROUTE) == null ? 0 : 1 << ROUTE)
                        | (translator == null ? 0 : 1 << MASQUERADE);
        WaysOut ways = new WaysOut(network, ports, pathMtu);
        ServerWays servers = new ServerWays(director.servers(), ways, network.wayChanges());
        plain = new PlainPackets(director.table(), network);
        departures = new PlainDepartures(servers, transmitter, drops);
        watch = new PlainWatch(director);
        stepping = new StepOffers(director);
        requests =
                new PlainRequests(director, plain, servers, counts, departures, watch, translator);
        replies =
                new PlainReplies(
                        director, plain, servers, ways, counts, departures, watch, translator);
    }

    /**
     * A burst has come in by this link; SYNs that are refused for certain leave it.
     *
     * @return what looks for its plain packets
     */
    PlainPackets begin(PacketBurst burst, LinkPort in) {
        refusal.thin(burst, in);
        // Without any service packets are routed, and some servers' datagrams begin connections.
        if (off || services.size() == 0) {
            plain.beginWithout();
        } else {
            plain.begin(in.link().mac(), !outward.isEmpty());
        }
        steady.prepare(methods);
        return plain;
    }

    /** All packets of a burst have been counted. */
    void finish() {
        counts.finish();
    }

    /** Offers the flows of the packets it forwards to the kernel from now on. */
    void use(FlowOffload offloading) {
        watch.use(offloading);
        stepping.use(offloading);
    }

    /** Offers the flows of a packet that takes the steps instead and will be sent. */
    void offerStepping(Packet packet) {
        stepping.offer(packet);
    }

    /** Takes no packet any more. */
    void leaveAllToTheSteps() {
        off = true;
    }

    /** How many packets it has taken. */
    long forwarded() {
        return forwarded;
    }

    /**
     * Binds packets that it has to their connections, counts them and finds their ways out.
     *
     * @param from the place in the burst to begin at
     * @return the place of the next that is for the steps; the size of the burst if none is
     */
    int forward(PacketBurst burst, int from) {
        int i = from;
        while (true) {
            int next = requests.forward(burst, replies.forward(burst, i));
            if (next == i) {
                return i;
            }
            i = next;
        }
    }

    /** Nothing has been done for a packet that it had: it has it no more. */
    boolean giveUp(int index) {
        boolean had = plain.has(index);
        plain.remove(index);
        return had;
    }

    /**
     * Sends packets that {@link #forward} has taken.
     *
     * @param from the place in the burst of the first that may be one
     * @return the place of the next that it has not taken; the size of the burst if none is
     */
    int send(PacketBurst burst, int from) {
        int end = plain.end(from);
        departures.send(burst, from, end);
        forwarded += end - from;
        return end;
    }
}
