package io.weir.dataplane.packet;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.service.ForwardingMethod;

import org.jspecify.annotations.Nullable;

/**
 * A frame in memory with what the parser found in it and what has been decided about it.
 *
 * <p>Offsets are absolute addresses. Numbers are in host order. Reused for every burst; owned by
 * the worker.
 */
public final class Packet {
    /** No connection was found or made. */
    public static final int NO_CONNECTION = -1;

    private long frame;
    private int frameBytes;
    private long vnetHeader;
    private int link;

    private long ip;
    private int ipHeaderBytes;
    private int ipBytes;
    private final Endpoints endpoints = new Endpoints();
    private boolean fragment;
    private boolean portsPresent;
    private boolean truncated;
    private int tcpFlags;
    private int mark;

    private Verdict verdict = Verdict.UNDECIDED;
    private int connection;
    private boolean reply;
    private boolean related;
    private final NextHop nextHop = new NextHop();
    private @Nullable Neighbour neighbour;
    private int fragmentMtu;
    private boolean cut;
    private int recordedRoute;
    private int recordedStamp;
    private int largestFragment;

    void received(long address, int length, long vnetHeaderAddress) {
        frame = address;
        frameBytes = length;
        vnetHeader = vnetHeaderAddress;
        verdict = Verdict.UNDECIDED;
    }

    /** Forgets what was found out about the packet that was here before. */
    public void begin() {
        verdict = Verdict.UNDECIDED;
        ip = 0;
        endpoints.setV4(0, 0, 0);
        fragment = false;
        portsPresent = false;
        truncated = false;
        tcpFlags = 0;
        mark = 0;
        connection = NO_CONNECTION;
        reply = false;
        related = false;
        neighbour = null;
        fragmentMtu = 0;
        largestFragment = 0;
        cut = false;
        recordedRoute = 0;
        recordedStamp = 0;
    }

    /**
     * Takes over what was found out and decided about a larger packet whose headers this frame has
     * a copy of; lengths are this frame's own.
     */
    public void becomePartOf(Packet whole) {
        begin();
        link = whole.link;
        ip = frame + (whole.ip - whole.frame);
        ipHeaderBytes = whole.ipHeaderBytes;
        ipBytes = frameBytes - (int) (whole.ip - whole.frame);
        endpoints.set(whole.endpoints);
        portsPresent = whole.portsPresent;
        tcpFlags = whole.tcpFlags;
        mark = whole.mark;
        verdict = whole.verdict;
        connection = whole.connection;
        reply = whole.reply;
        related = whole.related;
        nextHop.set(whole.nextHop);
        neighbour = whole.neighbour;
        fragmentMtu = whole.fragmentMtu;
    }

    /**
     * Becomes a datagram that was put together from fragments; nothing is known of it yet.
     *
     * @param address the first byte of its frame
     * @param length the bytes of the frame
     * @param largest the IP length of its largest fragment, in bytes
     */
    public void reassembled(long address, int length, int largest) {
        received(address, length, 0);
        begin();
        largestFragment = largest;
    }

    /** The address of the Ethernet header. */
    public long frame() {
        return Memory.known(frame);
    }

    /** The bytes of the whole frame. */
    public int frameBytes() {
        return frameBytes;
    }

    /** Moves or resizes the frame: padding cut off, a header put before it. */
    public void resizeFrame(long address, int bytes) {
        frame = address;
        frameBytes = bytes;
    }

    /**
     * Makes room in the payload: moves everything before a place in it, a virtio header right
     * before the frame included, towards the headroom. Lengths in headers stay as they are.
     *
     * @param at the address of that place
     * @param bytes how much longer the packet becomes; negative cuts out so many bytes before
     */
    public void stretch(long at, int bytes) {
        boolean near = vnetHeader != 0 && vnetHeader + VnetHeader.BYTES == frame;
        long from = near ? vnetHeader : frame;
        int cut = Math.max(0, -bytes);
        Memory.copy(from, from - bytes, at - cut - from);
        frame -= bytes;
        frameBytes += bytes;
        ip -= bytes;
        ipBytes += bytes;
        if (near) {
            vnetHeader -= bytes;
        }
    }

    /** The address of the virtio_net_hdr, 0 if the frame is complete as it is. */
    public long vnetHeader() {
        return vnetHeader;
    }

    /** The frame is complete as it is from now on. */
    public void forgetVnetHeader() {
        vnetHeader = 0;
    }

    /** The number of the link it came in by, as the worker counts links. */
    public int link() {
        return link;
    }

    public void setLink(int number) {
        link = number;
    }

    /** Tells what the parser found of the IPv4 header. */
    public void setIp(long address, int headerBytes, int totalBytes) {
        ip = address;
        ipHeaderBytes = headerBytes;
        ipBytes = totalBytes;
    }

    /** Tells what the parser found of an IPv4 packet's ends; ports follow if there are any. */
    public void setAddresses(int protocolNumber, int sourceAddress, int destinationAddress) {
        endpoints.setV4(protocolNumber, sourceAddress, destinationAddress);
    }

    /** Takes the ends of another packet, ports included. */
    public void setEnds(Endpoints ends) {
        endpoints.set(ends);
        portsPresent = true;
    }

    /** Both ends, as the connection table compares them. */
    public Endpoints endpoints() {
        return endpoints;
    }

    public boolean ipv6() {
        return endpoints.ipv6();
    }

    /** The address of the IP header; 0 unless it was found good. */
    public long ip() {
        return ip;
    }

    public int ipHeaderBytes() {
        return ipHeaderBytes;
    }

    /** The IP total length, header included; what counters count. */
    public int ipBytes() {
        return ipBytes;
    }

    /** The address of the transport header. */
    public long transport() {
        return ip + ipHeaderBytes;
    }

    public int transportBytes() {
        return ipBytes - ipHeaderBytes;
    }

    /** The transport protocol's number, after any IPv6 extension headers. */
    public int protocol() {
        return endpoints.protocol();
    }

    /** The IPv4 source, or the digest of the IPv6 one. */
    public int source() {
        return endpoints.source();
    }

    /** The IPv4 destination, or the digest of the IPv6 one. */
    public int destination() {
        return endpoints.destination();
    }

    public boolean fragment() {
        return fragment;
    }

    public void setFragment() {
        fragment = true;
    }

    /** Whether the transport header is whole and has ports. */
    public boolean portsPresent() {
        return portsPresent;
    }

    public void setPorts(int sourcePortNumber, int destinationPortNumber) {
        portsPresent = true;
        endpoints.setPorts(sourcePortNumber, destinationPortNumber);
    }

    /** Whether the packet has ports, but ends inside the TCP or UDP header that they begin. */
    public boolean truncated() {
        return truncated;
    }

    public void setTruncated(int sourcePortNumber, int destinationPortNumber) {
        truncated = true;
        endpoints.setPorts(sourcePortNumber, destinationPortNumber);
    }

    public int sourcePort() {
        return endpoints.sourcePort();
    }

    public int destinationPort() {
        return endpoints.destinationPort();
    }

    public int tcpFlags() {
        return tcpFlags;
    }

    public void setTcpFlags(int flags) {
        tcpFlags = flags;
    }

    /** The firewall mark, 0 for none. */
    public int mark() {
        return mark;
    }

    public void setMark(int value) {
        mark = value;
    }

    public Verdict verdict() {
        return verdict;
    }

    public void decide(Verdict decided) {
        verdict = decided;
    }

    /** Its slot in the connection table, or {@link #NO_CONNECTION}. */
    public int connection() {
        return connection;
    }

    /** From a real server to a client. */
    public boolean reply() {
        return reply;
    }

    /** Binds it to a connection; {@code isReply} if it comes from the server. */
    public void bind(int slot, boolean isReply) {
        connection = slot;
        reply = isReply;
        verdict = Verdict.BALANCE;
    }

    /** An ICMP error about the connection, not a packet of it. */
    public boolean related() {
        return related;
    }

    /** Binds it to the connection that it is an ICMP error about. */
    public void relate(int slot, boolean isReply) {
        bind(slot, isReply);
        related = true;
    }

    /** What decides about the way out: the real server, or the destination. */
    public NextHop nextHop() {
        return nextHop;
    }

    public void setNextHop(int address) {
        nextHop.setV4(address);
    }

    public void setNextHop(long high, long low) {
        nextHop.setV6(high, low);
    }

    /** Lets its own destination decide about the way out. */
    public void setNextHopToDestination() {
        if (endpoints.ipv6()) {
            setNextHop(endpoints.destinationHigh(), endpoints.destinationLow());
        } else {
            setNextHop(endpoints.destination());
        }
    }

    /**
     * Lets the real server of a connection decide about the way out, or its own destination if the
     * connection passes by all servers.
     */
    public void setNextHopToServer(ConnectionTable table, int slot) {
        if (table.method(slot) == ForwardingMethod.BYPASS.code()) {
            setNextHopToDestination();
        } else if (table.serverIpv6(slot)) {
            setNextHop(table.serverHigh(slot), table.serverLow(slot));
        } else {
            setNextHop(table.server(slot));
        }
    }

    /** Where it leaves to, once a way out was found. */
    public @Nullable Neighbour neighbour() {
        return neighbour;
    }

    public void setNeighbour(Neighbour hop) {
        neighbour = hop;
    }

    /** Whether it is a super-frame whose segments have to be cut before anything else. */
    public boolean cut() {
        return cut;
    }

    public void setCut() {
        cut = true;
    }

    /** The link size that it has to be fragmented for if it is larger, 0 if it fits. */
    public int fragmentMtu() {
        return fragmentMtu;
    }

    public void setFragmentMtu(int mtu) {
        fragmentMtu = mtu;
    }

    /** Tells in which IPv4 options an address of this host was filled in. */
    public void setRecorded(int routeOffset, int stampOffset) {
        recordedRoute = routeOffset;
        recordedStamp = stampOffset;
    }

    /** Where in the IPv4 header a record route option was filled in, 0 if none was. */
    public int recordedRoute() {
        return recordedRoute;
    }

    /** Where in the IPv4 header a timestamp option got an address, 0 if none did. */
    public int recordedStamp() {
        return recordedStamp;
    }

    /**
     * The IP length of the largest fragment that it was put together from, in bytes; 0 if it came
     * as one packet.
     */
    public int largestFragment() {
        return largestFragment;
    }
}
