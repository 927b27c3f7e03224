package io.weir.bench.stage;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.parse.PacketParser;

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

/** Time to take a frame into a burst and find its headers, the IP header's checksum included. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class ParserBenchmark {
    /** What the frames are; 6 bytes of payload each. */
    @Param({"tcp", "udp", "tcp-options", "fragment", "ipv6-tcp", "ipv6-fragment"})
    public String packet = "";

    private final NativeBlock memory =
            new NativeBlock((long) PacketBurst.CAPACITY * StageFrames.STRIDE);
    private final DropCounters drops = new DropCounters();
    private final PacketParser parser = new PacketParser(drops);
    private final PacketBurst burst = new PacketBurst();
    private int length;

    /** Writes the frames. */
    @Setup
    public void setUp() {
        for (int i = 0; i < PacketBurst.CAPACITY; i++) {
            length = write(frame(i), i);
        }
    }

    private int write(long frame, int client) {
        int tcp = Ipv4.PROTOCOL_TCP;
        int udp = Ipv4.PROTOCOL_UDP;
        return switch (packet) {
            case "tcp" -> StageFrames.ipv4(frame, client, tcp, false, false);
            case "udp" -> StageFrames.ipv4(frame, client, udp, false, false);
            case "tcp-options" -> StageFrames.ipv4(frame, client, tcp, true, false);
            case "fragment" -> StageFrames.ipv4(frame, client, udp, false, true);
            case "ipv6-tcp" -> StageFrames.ipv6(frame, client, tcp, false);
            case "ipv6-fragment" -> StageFrames.ipv6(frame, client, udp, true);
            default -> throw new IllegalArgumentException(packet);
        };
    }

    private long frame(int index) {
        return memory.address() + (long) index * StageFrames.STRIDE;
    }

    /** Frees the frames. */
    @TearDown
    public void tearDown() {
        memory.close();
    }

    /** Parses a burst. */
    @Benchmark
    @OperationsPerInvocation(PacketBurst.CAPACITY)
    public int parse() {
        burst.clear();
        int parsed = 0;
        for (int i = 0; i < PacketBurst.CAPACITY; i++) {
            burst.add(frame(i), length, 0);
            Packet packet = burst.get(i);
            boolean good =
                    switch (parser.ethertype(packet)) {
                        case Ethernet.TYPE_IPV4 -> parser.ipv4(packet);
                        case Ethernet.TYPE_IPV6 ->
                                parser.ipv6(packet) && parser.ipv6Addresses(packet);
                        default -> false;
                    };
            parsed += good ? 1 : 0;
        }
        return parsed;
    }

    /** The burst that was parsed last. */
    PacketBurst burst() {
        return burst;
    }
}
