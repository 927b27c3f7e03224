package io.weir.dataplane.worker;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_FOLLOWED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_ONE_PACKET;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_SERVER_IPV6;
import static io.weir.dataplane.flow.ConnectionTable.METHOD_MASK;
import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.director.ConnectionLife;
import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.OutwardServers;
import io.weir.dataplane.director.ServerRegistry;
import io.weir.dataplane.director.ServiceTable;
import io.weir.dataplane.director.SteadyLife;
import io.weir.dataplane.director.SyncReporter;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.egress.PartialChecksum;
import io.weir.dataplane.egress.PathMtu;
import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.egress.WayOut;
import io.weir.dataplane.egress.WaysOut;
import io.weir.dataplane.flow.ConnectionLine;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.packet.PlainHeader;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.spi.PlainForwarder;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

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
    private static final int NOT_PLAIN = FLAG_FOLLOWED | FLAG_ONE_PACKET | FLAG_SERVER_IPV6;
    private static final int MASQUERADE = ForwardingMethod.MASQUERADE.code();
    private static final int ROUTE = ForwardingMethod.ROUTE.code();

    private static final int TRANSPORT_OFFSET = Ethernet.HEADER_BYTES + Ipv4.MIN_HEADER_BYTES;

    private final ConnectionTable table;
    private final ServiceTable services;
    private final OutwardServers outward;
    private final ServerRegistry registry;
    private final ServerWays servers;
    private final ConnectionLife life;
    private final SteadyLife steady;
    private final SyncReporter reporter;
    private final BurstCounts counts;
    private final WaysOut ways;
    private final @Nullable PlainForwarder translator;
    private final DropCounters drops;
    private final Transmitter transmitter;
    private final SynRefusal refusal;

    /** A bit for each method that it knows, by their codes. */
    private final int methods;

    private final PlainPackets plain;
    private final PlainHeader header = new PlainHeader();

    // Where each packet of the burst goes.
    private final @Nullable LinkPort[] waysOut = new LinkPort[PacketBurst.CAPACITY];
    private final @Nullable Neighbour[] stale = new Neighbour[PacketBurst.CAPACITY];

    // A bit for each of them whose neighbour is to be asked again.
    private long toStale;

    private final StepOffers stepping;
    private @Nullable FlowOffload offload;

    private long insertions;
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
        this.table = director.table();
        this.services = director.serviceTable();
        this.outward = director.outwardServers();
        this.registry = director.servers();
        this.life = director.life();
        this.steady = life.steady();
        this.reporter = director.synchronisation().reporter();
        this.counts = new BurstCounts(director.totalCounters());
        this.plain = new PlainPackets(table, network);
        this.stepping = new StepOffers(director);
        this.ways = new WaysOut(network, ports, pathMtu);
        this.servers = new ServerWays(registry, ways, network.wayChanges());
        this.drops = drops;
        this.transmitter = transmitter;
        this.refusal = new SynRefusal(director.defence().admission(), services, drops);
        this.translator = forwarders.get(MASQUERADE) instanceof PlainForwarder plain ? plain : null;
        this.methods =
                (forwarders.get(ROUTE) == null ? 0 : 1 << ROUTE)
                        | (translator == null ? 0 : 1 << MASQUERADE);
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
        insertions = table.insertions();
        toStale = 0;
        steady.prepare();
        return plain;
    }

    /** All packets of a burst have been counted. */
    void finish() {
        counts.finish();
    }

    /** Offers the flows of the packets it forwards to the kernel from now on. */
    void use(FlowOffload offloading) {
        offload = offloading;
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

    /** The plain packets of the burst, those that {@link #forward} has done among them. */
    PlainPackets plain() {
        return plain;
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
        while (i < burst.size() && plain.has(i) && forward(burst.get(i), i)) {
            i++;
        }
        return i;
    }

    /** Nothing has been done for a packet that it had: it has it no more. */
    boolean giveUp(int index) {
        boolean had = plain.has(index);
        plain.remove(index);
        return had;
    }

    private boolean forward(Packet packet, int index) {
        header.read(packet.frame() + Ethernet.HEADER_BYTES);
        int source = header.source();
        int destination = header.destination();
        int portPair = header.ports();
        int protocol = header.protocol();
        long hash = plain.hash(index);
        if (plain.mayBeReply(index)) {
            int slot = table.findReply(hash, destination, source, portPair, protocol);
            if (slot != NONE && table.method(slot) == MASQUERADE) {
                return toClient(packet, index, slot);
            }
            hash = table.hash(source, portPair >>> 16, protocol);
        } else if (insertions != table.insertions() && table.mayBeServer(source)) {
            // Since a moment ago, by a packet of this burst.
            return false;
        }
        int slot = table.findForward(hash, source, destination, portPair, protocol);
        return slot != NONE && toServer(packet, index, slot);
    }

    private boolean toServer(Packet packet, int index, int slot) {
        long line = table.line(slot);
        long condition = ConnectionLine.condition(line);
        int flags = ConnectionTable.flagsOf(condition);
        int seconds = steady.seconds(condition, header.protocol());
        int address = ConnectionLine.server(line);
        ServerWay server = servers.of(ConnectionLine.serverNumber(line), address);
        if ((methods >>> (flags & METHOD_MASK) & 1) == 0
                || (flags & NOT_PLAIN) != 0
                || seconds == SteadyLife.CHANGES
                || server == null
                || (server.out() == null && !servers.seek(server, address))
                || !fits(server)) {
            return false;
        }
        PlainForwarder rewriter = translator;
        if ((flags & METHOD_MASK) == MASQUERADE
                && rewriter != null
                && !rewriter.toServer(
                        header,
                        packet.frame() + TRANSPORT_OFFSET,
                        PartialChecksum.isPending(packet),
                        address,
                        ConnectionTable.serverPortOf(condition))) {
            return false;
        }
        int bytes = header.bytes();
        server.counters().in(bytes);
        counts.in(server.service(), bytes);
        ConnectionLine.countPacket(line);
        life.renew(slot, line, seconds);
        reporter.clientPacket(slot);
        offer(slot, condition);
        leave(packet, index, server);
        return true;
    }

    private boolean toClient(Packet packet, int index, int slot) {
        PlainForwarder rewriter = translator;
        long line = table.line(slot);
        long condition = ConnectionLine.condition(line);
        int seconds = steady.replySeconds(slot, condition, header.protocol());
        ServerWay server =
                servers.of(ConnectionLine.serverNumber(line), ConnectionLine.server(line));
        if ((ConnectionTable.flagsOf(condition) & NOT_PLAIN) != 0
                || seconds == SteadyLife.CHANGES
                || rewriter == null
                || server == null) {
            return false;
        }
        WayOut way = ways.toOneOfMany(header.destination());
        if (way == null
                || !fits(way)
                || !rewriter.toClient(
                        header,
                        packet.frame() + TRANSPORT_OFFSET,
                        PartialChecksum.isPending(packet),
                        ConnectionLine.virtual(line),
                        ConnectionLine.virtualPort(line))) {
            return false;
        }
        int bytes = header.bytes();
        server.counters().out(bytes);
        counts.out(server.service(), bytes);
        life.renew(slot, line, seconds);
        offer(slot, condition);
        leave(packet, index, way);
        return true;
    }

    private void offer(int slot, long condition) {
        FlowOffload kernel = offload;
        if (kernel == null) {
            return;
        }
        RealServer server = registry.get(table.serverNumber(slot));
        if (server != null) {
            kernel.offer(slot, condition, server);
        }
    }

    private boolean fits(WayOut way) {
        return header.bytes() <= way.mtu() && header.timeToLive() > 1;
    }

    private void leave(Packet packet, int index, WayOut way) {
        long frame = packet.frame();
        // Mostly it is the same as in the burst before, and what is not written is not marked for
        // the collector.
        if (waysOut[index] != way.out()) {
            waysOut[index] = way.out();
        }
        Neighbour asked = way.stale();
        if (asked != null) {
            stale[index] = asked;
            toStale |= 1L << index;
        }
        header.lowerTimeToLive();
        header.write(frame + Ethernet.HEADER_BYTES);
        way.address(frame);
        packet.resizeFrame(frame, Ethernet.HEADER_BYTES + header.bytes());
    }

    /** Sends a packet that {@link #forward} has taken, and its forwarder rewritten. */
    void send(Packet packet, int index) {
        LinkPort out = waysOut[index];
        if (out == null) {
            return;
        }
        forwarded++;
        if ((toStale >>> index & 1) != 0) {
            transmitter.confirm(Objects.requireNonNull(stale[index]));
        }
        if (!out.port().transmit(packet.frame(), packet.frameBytes(), packet.vnetHeader())) {
            drops.count(DropReason.TRANSMIT_FULL);
        }
    }
}
