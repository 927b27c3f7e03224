package io.weir.bench.live;

import io.weir.bench.rate.Flood;
import io.weir.bench.rate.FloodTraffic;
import io.weir.bench.rate.LiveFrameFlood;
import io.weir.bench.rate.SocketFlood;

import java.io.IOException;
import java.util.List;

/** What packets cost, by the traffic that they are of. */
final class PacketMeasures {
    private static final String CLIENT = "client";
    private static final int BATCH = 64;
    private static final int SLOW_RATE = 20_000;

    /** The logarithm of the number of flows to the base 2. */
    private static final int FEW = 10;

    private static final int MANY = 17;

    private PacketMeasures() {}

    static List<Measure> all() {
        return List.of(
                new PacketCost(
                        "packets",
                        "1024 flows of UDP as XDP frames, as many as pass",
                        FloodTraffic.UDP,
                        FEW,
                        PacketMeasures::frames,
                        HighestRate::new),
                new PacketCost(
                        "packets-many-flows",
                        "131,072 flows of UDP as XDP frames, as many as pass",
                        FloodTraffic.UDP,
                        MANY,
                        PacketMeasures::frames,
                        HighestRate::new),
                new PacketCost(
                        "packets-tcp",
                        "1024 flows of TCP as XDP frames, as many as pass",
                        FloodTraffic.TCP,
                        FEW,
                        PacketMeasures::frames,
                        HighestRate::new),
                new PacketCost(
                        "packets-sender",
                        "1024 flows of UDP from a packet socket, as many as pass",
                        FloodTraffic.UDP,
                        FEW,
                        PacketMeasures::socketBuffers,
                        HighestRate::new),
                new PacketCost(
                        "packets-overload",
                        "1024 flows of UDP as XDP frames, as many as the source can write",
                        FloodTraffic.UDP,
                        FEW,
                        PacketMeasures::frames,
                        () -> Offer.EVERYTHING),
                new PacketCost(
                        "packets-slow",
                        "1024 flows of UDP, one after the other, 20,000 packets a second",
                        FloodTraffic.UDP,
                        FEW,
                        PacketMeasures::single,
                        () -> Offer.constant(SLOW_RATE)));
    }

    /** Frames as a driver that receives by XDP would hand over. */
    private static Flood frames(FloodTraffic traffic) throws IOException {
        return LiveFrameFlood.open(CLIENT, traffic);
    }

    /** Socket buffers, as those of programs that send. */
    private static Flood socketBuffers(FloodTraffic traffic) throws IOException {
        return SocketFlood.open(CLIENT, traffic, BATCH);
    }

    /** Socket buffers that come one by one. */
    private static Flood single(FloodTraffic traffic) throws IOException {
        return SocketFlood.open(CLIENT, traffic, 1);
    }
}
