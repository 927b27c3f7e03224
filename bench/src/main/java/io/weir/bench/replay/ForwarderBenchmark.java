package io.weir.bench.replay;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.parse.PacketParser;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.PacketSelection;

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

import java.util.concurrent.TimeUnit;

/**
 * Time for a forwarder to rewrite a packet of a burst, {@link #restoreAlone} included, which undoes
 * what it did the time before. Frames, connections and servers are hot.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // set by JMH and setUp
public class ForwarderBenchmark {
    private static final int BURST = ReplayPort.FRAMES;

    /** The forwarding method; masquerade-reply is NAT from a server to a client. */
    @Param({
        "direct",
        "masquerade",
        "masquerade-reply",
        "ipip",
        "gue",
        "gue-checksum",
        "gre",
        "gre-checksum"
    })
    public String method = "";

    private final PacketBurst burst = new PacketBurst();
    private final PacketSelection selection = new PacketSelection();
    private final long[] frames = new long[BURST];
    private final long[] addresses = new long[BURST];
    private final long[] ports = new long[BURST];
    private final long[] checksums = new long[BURST];
    private ReplayedWorker replayed;
    private ConnectionTable table;
    private Forwarder forwarder;

    /** Binds a burst to established connections. */
    @Setup
    public void setUp() {
        boolean reply = method.endsWith("-reply");
        ReplayedMethod chosen = reply ? ReplayedMethod.MASQUERADE : ReplayedMethod.named(method);
        replayed = new ReplayedWorker(new ReplayedWorker.Plan(chosen, BURST, 1024, "rr"));
        table = replayed.worker().director().table();
        forwarder = replayed.forwarder(chosen.services().getFirst().method());
        replayed.playOnce(reply);
        (reply ? replayed.servers() : replayed.clients()).receive(burst);
        PacketParser parser = new PacketParser(new DropCounters());
        for (int i = 0; i < BURST; i++) {
            bind(burst.get(i), reply, parser);
            keep(i, burst.get(i).frame());
        }
    }

    private void bind(Packet packet, boolean reply, PacketParser parser) {
        if (!parser.ipv4(packet)) {
            throw new IllegalStateException("a frame that is no IPv4 packet");
        }
        int slot =
                reply ? table.findReply(packet.endpoints()) : table.findForward(packet.endpoints());
        if (slot == ConnectionTable.NONE) {
            throw new IllegalStateException("a packet without a connection");
        }
        packet.bind(slot, reply);
        selection.add(packet);
    }

    // What forwarders change of a frame from its IP header on: the words at these offsets.
    private void keep(int index, long frame) {
        frames[index] = frame;
        addresses[index] = Memory.nativeLong(frame + ReplayPort.HOPS);
        ports[index] = Memory.nativeLong(frame + ReplayPort.DESTINATION);
        checksums[index] = Memory.nativeLong(frame + ReplayPort.WINDOW_OFFSET);
    }

    /** Frees the table. */
    @TearDown
    public void tearDown() {
        replayed.close();
    }

    /** Makes the packets what they were before they were forwarded. */
    @Benchmark
    @OperationsPerInvocation(ReplayPort.FRAMES)
    public PacketBurst restoreAlone() {
        for (int i = 0; i < BURST; i++) {
            long frame = frames[i];
            Memory.putNativeLong(frame + ReplayPort.HOPS, addresses[i]);
            Memory.putNativeLong(frame + ReplayPort.DESTINATION, ports[i]);
            Memory.putNativeLong(frame + ReplayPort.WINDOW_OFFSET, checksums[i]);
            burst.get(i).resizeFrame(frame, ReplayPort.FRAME_BYTES);
        }
        return burst;
    }

    /** Restores and forwards. */
    @Benchmark
    @OperationsPerInvocation(ReplayPort.FRAMES)
    public PacketBurst forward() {
        restoreAlone();
        forwarder.forward(selection, table);
        return burst;
    }

    /** The method under measurement. */
    ForwardingMethod forwardingMethod() {
        return forwarder.method();
    }

    ReplayedWorker replayed() {
        return replayed;
    }
}
