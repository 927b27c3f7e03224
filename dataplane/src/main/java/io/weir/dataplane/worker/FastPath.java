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
import io.weir.dataplane.director.SyncReporter;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.egress.PartialChecksum;
import io.weir.dataplane.egress.PathMtu;
import io.weir.dataplane.egress.Segmenter;
import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.egress.WayOut;
import io.weir.dataplane.egress.WaysOut;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.packet.PlainHeader;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.parse.PacketParser;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.PlainForwarder;

import org.jspecify.annotations.Nullable;

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
    private static final int DECIDING_FLAGS = Tcp.SYN | Tcp.FIN | Tcp.RST | Tcp.ACK;
    private static final int NOT_PLAIN = FLAG_FOLLOWED | FLAG_ONE_PACKET | FLAG_SERVER_IPV6;
    private static final int MASQUERADE = ForwardingMethod.MASQUERADE.code();
    private static final int ROUTE = ForwardingMethod.ROUTE.code();

    private static final int LEAST_TCP = Ipv4.MIN_HEADER_BYTES + Tcp.MIN_HEADER_BYTES;
    private static final int LEAST_UDP = Ipv4.MIN_HEADER_BYTES + Udp.HEADER_BYTES;

    /** EtherType, version 4 and a header of 5 words, which are what follows the addresses. */
    private static final int PLAIN_TYPE = Ethernet.TYPE_IPV4 << Byte.SIZE | 0x45;

    private static final int TRANSPORT_OFFSET = Ethernet.HEADER_BYTES + Ipv4.MIN_HEADER_BYTES;

    private static final int TYPE_OFFSET = Ethernet.HEADER_BYTES - 2;

    /** Of the first 8 bytes of a header: more fragments, and where this one belongs. */
    private static final long FRAGMENT = 0x3fff;

    /** By the first byte of an address, whether no single host out there has it. */
    private static final boolean[] NOBODY = new boolean[256];

    static {
        for (int first = 0; first < NOBODY.length; first++) {
            NOBODY[first] = PacketParser.nobody(first << 24);
        }
    }

    /** No frame has this address, of more than 48 bits. */
    private static final long NO_MAC = -1;

    private static final long LOW_32 = 0xffff_ffffL;
    private static final int LOW_16 = 0xffff;

    private final ConnectionTable table;
    private final ServiceTable services;
    private final OutwardServers outward;
    private final ServerRegistry servers;
    private final ConnectionLife life;
    private final SyncReporter reporter;
    private final BurstCounts counts;
    private final Network network;
    private final WaysOut ways;
    private final @Nullable PlainForwarder translator;
    private final DropCounters drops;
    private final Transmitter transmitter;
    private final SynRefusal refusal;

    /** A bit for each method that it knows, by their codes. */
    private final int methods;

    // Where each packet of the burst goes.
    private final @Nullable LinkPort[] waysOut = new LinkPort[PacketBurst.CAPACITY];
    private final @Nullable Neighbour[] stale = new Neighbour[PacketBurst.CAPACITY];
    private @Nullable FlowOffload offload;

    private long mac;
    private long insertions;
    private boolean onlyTcp;
    private int touched;
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
        this.servers = director.servers();
        this.life = director.life();
        this.reporter = director.synchronisation().reporter();
        this.counts = new BurstCounts(director.totalCounters());
        this.network = network;
        this.ways = new WaysOut(network, ports, pathMtu);
        this.drops = drops;
        this.transmitter = transmitter;
        this.refusal = new SynRefusal(director.defence().admission(), services, drops);
        this.translator = forwarders.get(MASQUERADE) instanceof PlainForwarder plain ? plain : null;
        this.methods =
                (forwarders.get(ROUTE) == null ? 0 : 1 << ROUTE)
                        | (translator == null ? 0 : 1 << MASQUERADE);
    }

    /** A burst has come in by this link; SYNs that are refused for certain leave it. */
    void begin(PacketBurst burst, LinkPort in) {
        refusal.thin(burst, in);
        // Without any service packets are routed, and some servers' datagrams begin connections.
        mac = off || services.size() == 0 ? NO_MAC : in.link().mac();
        onlyTcp = !outward.isEmpty();
        insertions = table.insertions();
    }

    /** All packets of a burst have been counted. */
    void finish() {
        counts.finish();
    }

    /** Offers the flows of the packets it forwards to the kernel from now on. */
    void use(FlowOffload offloading) {
        offload = offloading;
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
     * Looks whether the headers of a packet are plain.
     *
     * @return false if it has to be parsed in full
     */
    boolean recognise(Packet packet) {
        long frame = packet.frame();
        int available = packet.frameBytes() - Ethernet.HEADER_BYTES;
        if (available < LEAST_UDP
                || Ethernet.destination(frame) != mac
                || Memory.u32(frame + TYPE_OFFSET) >>> Byte.SIZE != PLAIN_TYPE
                || Segmenter.isSuperFrame(packet)) {
            return false;
        }
        long ip = frame + Ethernet.HEADER_BYTES;
        long first = Memory.u64(ip);
        long second = Memory.u64(ip + 8);
        long third = Memory.u64(ip + 16);
        int bytes = (int) (first >>> 32) & LOW_16;
        if (bytes > available || (first & FRAGMENT) != 0 || !checksumRight(first, second, third)) {
            return false;
        }
        int source = (int) second;
        int protocol = (int) (second >>> 48) & 0xff;
        if (NOBODY[source >>> 24]
                || NOBODY[(int) (third >>> 56)]
                || network.mayBeOwnOrBroadcast(source)
                || !plainTransport(ip, protocol, bytes)) {
            return false;
        }
        boolean fromServer = table.mayBeServer(source);
        long hash =
                fromServer
                        ? table.hash((int) (third >>> 32), (int) third & LOW_16, protocol)
                        : table.hash(source, (int) third >>> 16, protocol);
        packet.plain().set(second, third, bytes, hash, fromServer);
        packet.decide(Verdict.PLAIN);
        return true;
    }

    // Of a header of 20 bytes, of which the third word holds the last four.
    private static boolean checksumRight(long first, long second, long third) {
        long sum =
                (first >>> 32)
                        + (first & LOW_32)
                        + (second >>> 32)
                        + (second & LOW_32)
                        + (third >>> 32);
        int folded = (int) (sum >>> 32) + ((int) sum >>> 16) + ((int) sum & LOW_16);
        return (folded >>> 16) + (folded & LOW_16) == LOW_16;
    }

    private boolean plainTransport(long ip, int protocol, int bytes) {
        if (protocol == Ipv4.PROTOCOL_TCP) {
            return bytes >= LEAST_TCP
                    && (Tcp.flags(ip + Ipv4.MIN_HEADER_BYTES) & DECIDING_FLAGS) == Tcp.ACK;
        }
        return protocol == Ipv4.PROTOCOL_UDP && !onlyTcp && bytes >= LEAST_UDP;
    }

    /** Starts loading the table's lines of a whole burst, so that the cache misses overlap. */
    void touch(PacketBurst burst) {
        int sum = 0;
        for (int i = 0; i < burst.size(); i++) {
            sum += table.touch(burst.get(i).plain().hash());
        }
        touched += sum;
    }

    /** The sum of what was loaded ahead; being readable keeps the loads in the program. */
    int touched() {
        return touched;
    }

    /**
     * Binds a plain packet to its connection, counts it and finds its way out.
     *
     * @return false, and nothing done, if that takes more than usual
     */
    boolean forward(Packet packet, int index) {
        PlainHeader header = packet.plain();
        int source = header.source();
        int destination = header.destination();
        int portPair = header.ports();
        int protocol = header.protocol();
        long hash = header.hash();
        if (header.mayBeReply()) {
            int slot = table.findReply(hash, destination, source, portPair, protocol);
            if (slot != NONE && table.method(slot) == MASQUERADE) {
                return toClient(packet, index, slot, translator);
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
        PlainHeader header = packet.plain();
        long condition = table.condition(slot);
        int flags = ConnectionTable.flagsOf(condition);
        int seconds = life.steadySeconds(slot, condition, header.protocol(), false);
        RealServer server = servers.get(table.serverNumber(slot));
        if ((methods >>> (flags & METHOD_MASK) & 1) == 0
                || (flags & NOT_PLAIN) != 0
                || seconds == ConnectionLife.CHANGES
                || server == null
                || !server.available()) {
            return false;
        }
        VirtualService service = server.owner();
        int address = table.server(slot);
        WayOut way = ways.to(address);
        if (service == null || way == null || !fits(header, way)) {
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
        counts.in(service, bytes);
        table.countPacket(slot);
        life.renew(slot, seconds);
        reporter.clientPacket(slot);
        offer(slot, condition, server);
        leave(packet, index, way);
        return true;
    }

    private boolean toClient(
            Packet packet, int index, int slot, @Nullable PlainForwarder rewriter) {
        PlainHeader header = packet.plain();
        long condition = table.condition(slot);
        int seconds = life.steadySeconds(slot, condition, header.protocol(), true);
        RealServer server = servers.get(table.serverNumber(slot));
        if ((ConnectionTable.flagsOf(condition) & NOT_PLAIN) != 0
                || seconds == ConnectionLife.CHANGES
                || rewriter == null
                || server == null
                || !server.available()) {
            return false;
        }
        VirtualService service = server.owner();
        WayOut way = ways.toOneOfMany(header.destination());
        if (service == null
                || way == null
                || !fits(header, way)
                || !rewriter.toClient(
                        header,
                        packet.frame() + TRANSPORT_OFFSET,
                        PartialChecksum.isPending(packet),
                        table.virtual(slot),
                        table.virtualPort(slot))) {
            return false;
        }
        int bytes = header.bytes();
        server.counters().out(bytes);
        counts.out(service, bytes);
        life.renew(slot, seconds);
        offer(slot, condition, server);
        leave(packet, index, way);
        return true;
    }

    private void offer(int slot, long condition, RealServer server) {
        FlowOffload kernel = offload;
        if (kernel != null) {
            kernel.offer(slot, condition, server);
        }
    }

    private static boolean fits(PlainHeader header, WayOut way) {
        return header.bytes() <= way.mtu() && header.timeToLive() > 1;
    }

    private void leave(Packet packet, int index, WayOut way) {
        PlainHeader header = packet.plain();
        long frame = packet.frame();
        waysOut[index] = way.out();
        stale[index] = way.stale();
        header.lowerTimeToLive();
        header.write(frame + Ethernet.HEADER_BYTES);
        way.address(frame);
        packet.resizeFrame(frame, Ethernet.HEADER_BYTES + header.bytes());
        packet.decide(Verdict.FORWARD);
    }

    /** Sends a packet that {@link #forward} has taken, and its forwarder rewritten. */
    void send(Packet packet, int index) {
        LinkPort out = waysOut[index];
        if (out == null) {
            return;
        }
        forwarded++;
        Neighbour asked = stale[index];
        if (asked != null) {
            transmitter.confirm(asked);
        }
        if (!out.port().transmit(packet.frame(), packet.frameBytes(), packet.vnetHeader())) {
            drops.count(DropReason.TRANSMIT_FULL);
        }
    }
}
