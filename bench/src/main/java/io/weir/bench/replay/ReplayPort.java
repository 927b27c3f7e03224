package io.weir.bench.replay;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.PacketBurst;

import org.jspecify.annotations.Nullable;

/**
 * A port without a network: what is received are 60-byte TCP frames that it writes itself, what is
 * sent is counted.
 *
 * <p>The frames are a ring of {@value #FRAMES} buffers, 2112 bytes apart so that their headers do
 * not fall into the same sets of a cache, and so <b>hot</b>: what a network card's write would cost
 * is not in a measurement. For each frame it writes what the worker may have changed and what
 * differs from the one before: Ethernet header, time to live, addresses, ports, flags and both
 * checksums, which are right. That costs a few nanoseconds, which are measured by running the port
 * alone.
 */
public final class ReplayPort implements PacketPort {
    /** Buffers of the ring: a burst. */
    public static final int FRAMES = PacketBurst.CAPACITY;

    /** The length of each frame: Ethernet's shortest, without the frame check sequence. */
    public static final int FRAME_BYTES = 60;

    private static final int STRIDE = 2048 + 64;
    private static final int IP_BYTES = 46;
    private static final int TCP_BYTES = IP_BYTES - Ipv4.MIN_HEADER_BYTES;
    private static final int IDENTIFICATION = 0x1234;
    private static final int HOPS_AND_PROTOCOL = 64 << 8 | Ipv4.PROTOCOL_TCP;
    private static final int WINDOW = 1000;
    private static final int DATA_OFFSET = 5 << 12;

    // Byte offsets of the fields that are written each time.
    static final int HOPS = 22;
    static final int DESTINATION = 30;
    private static final int FLAGS = 46;
    static final int WINDOW_OFFSET = 48;
    private static final int TCP_CHECKSUM = 50;

    /** The sum of the IPv4 header's words that are always the same. */
    private static final int IP_SUM =
            0x4500 + IP_BYTES + IDENTIFICATION + Ipv4.DONT_FRAGMENT + HOPS_AND_PROTOCOL;

    /** The same for the TCP header with its pseudo header, addresses, ports and flags left out. */
    private static final int TCP_SUM = Ipv4.PROTOCOL_TCP + TCP_BYTES + WINDOW + DATA_OFFSET;

    private final String name;
    private final int linkIndex;
    private final NativeBlock memory = new NativeBlock((long) FRAMES * STRIDE);
    private final long first = memory.address() + HEADROOM_BYTES;
    private final long ethernetStart;
    private final long ethernetRest;
    private final boolean replies;
    private final int kindMask;

    private int[] order = {0};
    private int next;
    private long left;
    private int burstFrames = FRAMES;
    private int flags;
    private int newFlow;
    private byte @Nullable [] servers;

    private long received;
    private long sent;
    private long lastSent;
    private int lastSentBytes;

    /**
     * Makes a silent port.
     *
     * @param replies whether its frames go from servers to clients instead of to the virtual
     *     address
     * @param kindMask the low bits of a flow's number that are added to the ports of service and
     *     server
     */
    public ReplayPort(String name, int linkIndex, boolean replies, int kindMask) {
        this.name = name;
        this.linkIndex = linkIndex;
        this.replies = replies;
        this.kindMask = kindMask;
        for (int i = 0; i < FRAMES; i++) {
            writeConstantPart(frame(i));
        }
        ethernetStart = Memory.nativeLong(first);
        ethernetRest = Memory.nativeLong(first + Long.BYTES);
    }

    private void writeConstantPart(long frame) {
        long ip = frame + Ethernet.HEADER_BYTES;
        Ethernet.setDestination(frame, ReplayedNetwork.mac(linkIndex));
        Ethernet.setSource(frame, ReplayedNetwork.neighbourMac(linkIndex, 254));
        Ethernet.setType(frame, Ethernet.TYPE_IPV4);
        Ipv4.setVersion(ip, 4);
        Ipv4.setHeaderBytes(ip, Ipv4.MIN_HEADER_BYTES);
        Ipv4.setTotalLength(ip, IP_BYTES);
        Ipv4.setIdentification(ip, IDENTIFICATION);
        Ipv4.setFlagsAndOffset(ip, Ipv4.DONT_FRAGMENT);
        Memory.putU16(frame + WINDOW_OFFSET, WINDOW);
    }

    private long frame(int index) {
        return first + (long) index * STRIDE;
    }

    /** Lets packets with these TCP flags come, {@code count} of them or until something else. */
    void play(int[] flowOrder, int tcpFlags, long count) {
        order = flowOrder;
        next = 0;
        flags = tcpFlags;
        left = count;
    }

    /** At most so many frames come at a time. */
    void limitBursts(int frames) {
        burstFrames = Math.min(frames, FRAMES);
    }

    /** Notes to which server NAT sends each flow from now on, until null is given. */
    void noteServers(byte @Nullable [] ofFlows) {
        servers = ofFlows;
    }

    @Override
    public int receive(PacketBurst burst) {
        int count = (int) Math.min(left, burstFrames);
        for (int i = 0; i < count; i++) {
            int entry = order[next];
            next = next + 1 == order.length ? 0 : next + 1;
            long frame = frame(i);
            if (replies) {
                writeReply(frame, entry);
            } else if (entry == ReplayedFlows.NEW_FLOW) {
                writeNew(frame, newFlow++);
            } else {
                writeRequest(frame, entry);
            }
            burst.add(frame, FRAME_BYTES, 0);
        }
        left -= count;
        received += count;
        return count;
    }

    private void writeRequest(long frame, int entry) {
        int flow = ReplayedFlows.flowOf(entry);
        write(
                frame,
                ReplayedFlows.address(flow),
                ReplayedNetwork.VIRTUAL_ADDRESS,
                ReplayedFlows.port(flow),
                ReplayedNetwork.VIRTUAL_PORT + (flow & kindMask),
                flags);
    }

    private void writeNew(long frame, int flow) {
        write(
                frame,
                ReplayedFlows.newAddress(flow),
                ReplayedNetwork.VIRTUAL_ADDRESS,
                ReplayedFlows.port(flow),
                ReplayedNetwork.VIRTUAL_PORT + (flow & kindMask),
                ReplayedWorker.SYN);
    }

    private void writeReply(long frame, int entry) {
        int flow = ReplayedFlows.flowOf(entry);
        write(
                frame,
                ReplayedNetwork.FIRST_SERVER + ReplayedFlows.serverOf(entry),
                ReplayedFlows.address(flow),
                ReplayedNetwork.NAT_PORT + (flow & kindMask),
                ReplayedFlows.port(flow),
                flags);
    }

    private void write(long frame, int from, int to, int fromPort, int toPort, int tcpFlags) {
        int addresses = (from >>> 16) + (from & 0xffff) + (to >>> 16) + (to & 0xffff);
        long checksum = InternetChecksum.complement(IP_SUM + addresses);
        Memory.putNativeLong(frame, ethernetStart);
        Memory.putNativeLong(frame + Long.BYTES, ethernetRest);
        Memory.putU64(
                frame + HOPS,
                (long) HOPS_AND_PROTOCOL << 48 | checksum << 32 | (from & 0xffff_ffffL));
        Memory.putU64(frame + DESTINATION, (long) to << 32 | (long) fromPort << 16 | toPort);
        Memory.putU16(frame + FLAGS, DATA_OFFSET | tcpFlags);
        int sum = TCP_SUM + addresses + fromPort + toPort + tcpFlags;
        Memory.putU16(frame + TCP_CHECKSUM, InternetChecksum.complement(sum));
    }

    @Override
    public boolean transmit(long address, int length, long vnetHeader) {
        sent++;
        lastSent = address;
        lastSentBytes = length;
        if (servers != null) {
            noteServer(servers, address + Ethernet.HEADER_BYTES);
        }
        return true;
    }

    private static void noteServer(byte[] ofFlows, long ip) {
        long tcp = ip + Ipv4.MIN_HEADER_BYTES;
        if (Ipv4.protocol(ip) == Ipv4.PROTOCOL_TCP
                && Tcp.destinationPort(tcp) >= ReplayedNetwork.NAT_PORT) {
            int flow = ReplayedFlows.flow(Ipv4.source(ip), Tcp.sourcePort(tcp));
            ofFlows[flow] = (byte) (Ipv4.destination(ip) - ReplayedNetwork.FIRST_SERVER);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void release() {}

    /** Frames that have come. */
    public long received() {
        return received;
    }

    /** Frames that were sent. */
    public long sent() {
        return sent;
    }

    /** A copy of the frame that was sent last. */
    public byte[] lastSent() {
        return Memory.bytes(lastSent, lastSentBytes);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int linkIndex() {
        return linkIndex;
    }

    @Override
    public PortStatistics statistics() {
        return new PortStatistics(
                received, received * FRAME_BYTES, 0, 0, sent, sent * FRAME_BYTES, 0);
    }

    @Override
    public void close() {
        memory.close();
    }
}
