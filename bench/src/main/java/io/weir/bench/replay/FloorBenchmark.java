package io.weir.bench.replay;

import io.weir.dataplane.checksum.ChecksumUpdate;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.PacketBurst;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * What a packet costs at least: the same frames as in {@link WorkerBenchmark}, and only what no
 * balancer can do without. No checks, no rules, no states, nothing that may change; everything that
 * a connection needs is in one line of 64 bytes, where the hash says, what a server needs in
 * another. Each benchmark does a step more than the one before.
 *
 * <p>NAT is that of clients' packets.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // set by JMH and setUp
public class FloorBenchmark {
    /** As many as the daemon's table has. */
    private static final int LINE_BITS = 21;

    private static final int LINE_BYTES = 64;
    private static final int HASH = 0x9E37_79B1 << (Integer.SIZE - LINE_BITS);

    // A connection's line.
    private static final int ENDS = 0;
    private static final int PORTS = 8;
    private static final int SERVER = 12;
    private static final int NEW_ENDS = 16;
    private static final int DIFFERENCE = 24;
    private static final int PORT_DIFFERENCE = 28;
    private static final int EXPIRES = 32;
    private static final int COUNT = 36;

    // A server's line.
    private static final int MACS = 0;
    private static final int MACS_REST = 8;
    private static final int PACKETS = 16;
    private static final int BYTES = 24;

    private static final int READ = 0;
    private static final int FIND = 1;
    private static final int REWRITE = 2;
    private static final int COUNTED = 3;

    /** Direct routing or masquerade. */
    @Param({"direct", "masquerade"})
    public String method = "";

    /** Flows, whose packets come in random order. */
    @Param({"1000", "100000", "1000000"})
    public int flows;

    private final PacketBurst burst = new PacketBurst();
    private final long[] lineOf = new long[PacketBurst.CAPACITY];
    private final NativeBlock table = NativeBlock.table((long) LINE_BYTES << LINE_BITS);
    private final NativeBlock servers =
            new NativeBlock((long) (ReplayedNetwork.SERVERS + 1) * LINE_BYTES);
    private ReplayPort from;
    private ReplayPort to;
    private boolean translates;
    private int now;
    private long all;

    /** Fills the table. */
    @Setup
    public void setUp() {
        translates = method.equals("masquerade");
        from = new ReplayPort("cli", ReplayedNetwork.CLIENT_LINK, false, 0);
        to = new ReplayPort("srv", ReplayedNetwork.SERVER_LINK, true, 0);
        for (int flow = 0; flow < flows; flow++) {
            add(flow, flow % ReplayedNetwork.SERVERS);
        }
        for (int server = 0; server < ReplayedNetwork.SERVERS; server++) {
            long line = server(server);
            long next = ReplayedNetwork.neighbourMac(ReplayedNetwork.SERVER_LINK, 11 + server);
            long own = ReplayedNetwork.mac(ReplayedNetwork.SERVER_LINK);
            Memory.putNativeLong(line + MACS, next << 16 | own >>> 32);
            Memory.putNativeInt(line + MACS_REST, (int) own);
        }
        int[] order = ReplayedFlows.uniform(flows, new SplittableRandom(5));
        from.play(order, Tcp.ACK, Long.MAX_VALUE);
    }

    private void add(int flow, int server) {
        int client = ReplayedFlows.address(flow);
        long ends = ends(client, ReplayedNetwork.VIRTUAL_ADDRESS);
        int ports = ReplayedFlows.port(flow) << 16 | ReplayedNetwork.VIRTUAL_PORT;
        long line = line(slot(client, ports));
        int address = ReplayedNetwork.FIRST_SERVER + server;
        int port = ReplayedNetwork.NAT_PORT;
        int difference = ChecksumUpdate.difference(ReplayedNetwork.VIRTUAL_ADDRESS, address);
        int both = difference + ChecksumUpdate.difference16(ReplayedNetwork.VIRTUAL_PORT, port);
        Memory.putNativeLong(line + ENDS, ends);
        Memory.putNativeInt(line + PORTS, ports);
        Memory.putNativeInt(line + SERVER, server);
        Memory.putNativeLong(
                line + NEW_ENDS,
                (long) address << 32 | (long) ReplayedFlows.port(flow) << 16 | port);
        Memory.putNativeInt(line + DIFFERENCE, difference);
        Memory.putNativeInt(line + PORT_DIFFERENCE, both);
    }

    private static long ends(int client, int virtual) {
        return (long) client << 32 | (virtual & 0xffff_ffffL);
    }

    // A hash by which no two flows meet, for it knows how they are numbered.
    private static int slot(int client, int ports) {
        return (ReplayedFlows.flow(client, ports >>> 16) * HASH) >>> (Integer.SIZE - LINE_BITS);
    }

    private long line(int slot) {
        return Memory.known(table.address() + (long) slot * LINE_BYTES);
    }

    // The first line of the block is everybody's.
    private long server(int number) {
        return Memory.known(servers.address() + (long) (number + 1) * LINE_BYTES);
    }

    /** Frees the tables. */
    @TearDown
    public void tearDown() {
        table.close();
        servers.close();
        from.close();
        to.close();
    }

    /** Writes the frames: what of all the others is the harness. */
    @Benchmark
    @OperationsPerInvocation(PacketBurst.CAPACITY)
    public int frames() {
        burst.clear();
        return from.receive(burst);
    }

    /** Reads the frames' headers. */
    @Benchmark
    @OperationsPerInvocation(PacketBurst.CAPACITY)
    public long read() {
        return run(READ);
    }

    /** Looks for the packets' lines as well. */
    @Benchmark
    @OperationsPerInvocation(PacketBurst.CAPACITY)
    public long find() {
        return run(FIND);
    }

    /** Rewrites the frames and sends them as well. */
    @Benchmark
    @OperationsPerInvocation(PacketBurst.CAPACITY)
    public long rewrite() {
        return run(REWRITE);
    }

    /** Counts the packets as well, of each connection and each server and of all. */
    @Benchmark
    @OperationsPerInvocation(PacketBurst.CAPACITY)
    public long count() {
        now++;
        return run(COUNTED);
    }

    private long run(int steps) {
        frames();
        long sum = 0;
        for (int i = 0; i < burst.size(); i++) {
            long ip = burst.get(i).frame() + Ethernet.HEADER_BYTES;
            long source = Memory.u64(ip + 8);
            long destination = Memory.u64(ip + 16);
            int slot = slot((int) source, (int) destination);
            lineOf[i] = line(slot);
            sum += Memory.u64(ip) + Tcp.flags(ip + Ipv4.MIN_HEADER_BYTES) + slot;
        }
        if (steps >= FIND) {
            for (int i = 0; i < burst.size(); i++) {
                sum += Memory.nativeInt(Memory.known(lineOf[i]) + SERVER);
            }
            for (int i = 0; i < burst.size(); i++) {
                sum += act(burst.get(i).frame(), Memory.known(lineOf[i]), steps);
            }
        }
        if (steps >= COUNTED) {
            all += burst.size();
            Memory.putNativeLong(server(-1) + PACKETS, all);
        }
        return sum;
    }

    private long act(long frame, long line, int steps) {
        long ip = frame + Ethernet.HEADER_BYTES;
        long source = Memory.u64(ip + 8);
        long destination = Memory.u64(ip + 16);
        long ends = source << 32 | destination >>> 32;
        if (Memory.nativeLong(line + ENDS) != ends
                || Memory.nativeInt(line + PORTS) != (int) destination) {
            throw new IllegalStateException("a packet of no flow");
        }
        long server = server(Memory.nativeInt(line + SERVER));
        if (steps >= REWRITE) {
            rewrite(frame, line, server, source, destination);
        }
        if (steps >= COUNTED) {
            int bytes = Ipv4.totalLength(ip);
            Memory.putNativeLong(server + PACKETS, Memory.nativeLong(server + PACKETS) + 1);
            Memory.putNativeLong(server + BYTES, Memory.nativeLong(server + BYTES) + bytes);
            Memory.putNativeInt(line + COUNT, Memory.nativeInt(line + COUNT) + 1);
            Memory.putNativeInt(line + EXPIRES, now);
        }
        return server;
    }

    private void rewrite(long frame, long line, long server, long source, long destination) {
        long ip = frame + Ethernet.HEADER_BYTES;
        // The time to live is lowered by one.
        int difference = 0xfeff;
        long ends = destination;
        if (translates) {
            difference += Memory.nativeInt(line + DIFFERENCE);
            ends = Memory.nativeLong(line + NEW_ENDS);
            long tcp = ip + Ipv4.MIN_HEADER_BYTES;
            int ofPorts = Memory.nativeInt(line + PORT_DIFFERENCE);
            Tcp.setChecksum(tcp, ChecksumUpdate.add(Tcp.checksum(tcp), ofPorts));
            Memory.putU64(ip + 16, ends);
        }
        long checksum = ChecksumUpdate.add((int) (source >>> 32) & 0xffff, difference);
        long others = source & ~(0xffffL << 32);
        Memory.putU64(ip + 8, (others | checksum << 32) - (1L << 56));
        Memory.putU64(frame, Memory.nativeLong(server + MACS));
        Memory.putU32(frame + 8, Memory.nativeInt(server + MACS_REST));
        to.transmit(frame, Ethernet.HEADER_BYTES + Ipv4.totalLength(ip), 0);
    }

    /** The port that packets leave by. */
    ReplayPort sentTo() {
        return to;
    }

    /** The packets that were counted for a server. */
    long counted(int server) {
        return Memory.nativeLong(server(server) + PACKETS);
    }
}
