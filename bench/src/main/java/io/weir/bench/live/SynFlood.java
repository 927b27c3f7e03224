package io.weir.bench.live;

import io.weir.bench.rate.ArrivalCounter;
import io.weir.bench.rate.FloodTraffic;
import io.weir.bench.rate.LiveFrameFlood;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a SYN flood does to established connections: how many of their packets arrive, which come at
 * the same rate without the flood and among it, and what the balancer's memory grows by.
 *
 * <p>The source is one and so is the way, so that packets are lost wherever the balancer does not
 * keep up. The server never answers, so all connections of the flood stay half-open.
 */
final class SynFlood implements Measure {
    private static final Metric ALONE = new Metric("arrived without", "%", false);
    private static final Metric AMONG = new Metric("arrived among it", "%", false);
    private static final Metric KEPT = new Metric("kept", "%", false);
    private static final Metric SENT = new Metric("sent", "1000/s", false);
    private static final Metric OPENED = new Metric("SYNs passed", "1000/s", false);
    private static final Metric LOST = new Metric("lost behind", "%", true);
    private static final Metric GROWTH = new Metric("process growth", "MiB", true);

    private static final int RATE = 100_000;
    private static final int OPENING_RATE = 131_072;

    /** How often each connection has its turn while all are opened. */
    private static final int OPENING_TURNS = 2;

    private static final Duration SETTLING = Duration.ofMillis(500);

    private final String name;
    private final int flowBits;
    private final int intruders;

    /**
     * A flood.
     *
     * @param flowBits the logarithm of how many connections are established to the base 2
     * @param intruders how many SYNs come with each packet of the established, 1, 3 or 15
     */
    SynFlood(String name, int flowBits, int intruders) {
        this.name = name;
        this.flowBits = flowBits;
        this.intruders = intruders;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "packets of "
                + (1 << flowBits)
                + " established TCP connections, "
                + RATE
                + " a second, without and among "
                + RATE * intruders
                + " SYNs a second from 16 million endpoints";
    }

    @Override
    public Layout layout() {
        return PacketPath.LAYOUT;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(ALONE, AMONG, KEPT, SENT, OPENED, LOST, GROWTH);
    }

    @Override
    public List<Metric> charted() {
        return List.of(KEPT);
    }

    @Override
    public Optional<String> lacks() {
        return PacketPath.lacks();
    }

    @Override
    public Optional<String> excludes(Contender contender) {
        return PacketPath.excludes(contender);
    }

    @Override
    public Map<Metric, Double> run(Turn turn) throws IOException, InterruptedException {
        Site site = turn.site();
        PacketPath.prepare(site, /* unlimited= */ false);
        FloodTraffic traffic = PacketPath.traffic(turn, FloodTraffic.TCP, flowBits);
        try (ArrivalCounter arrivals = PacketPath.arrivals(site);
                FloodThread flood =
                        FloodThread.start(
                                site.client(),
                                site.layout().placement().hosts(),
                                () -> open(traffic))) {
            flood.setIntruders(intruders);
            Thread.sleep(turn.warmUp());
            flood.setIntruders(0);
            Duration opening =
                    Duration.ofSeconds((long) OPENING_TURNS << flowBits).dividedBy(OPENING_RATE);
            Thread.sleep(opening);
            flood.setTcpFlags(FloodTraffic.TCP_ACK);
            Thread.sleep(opening);
            flood.setRate(RATE);
            Passed alone = Passed.during(turn.length(), flood, arrivals);
            long before = ConnectionMemory.process(turn);
            flood.setIntruders(intruders);
            flood.setRate(RATE * (intruders + 1));
            Thread.sleep(SETTLING);
            long refused = PacketPath.refused(site);
            Passed among = Passed.during(turn.length(), flood, arrivals);
            refused = PacketPath.refused(site) - refused;
            flood.check();
            double with = among.share(intruders + 1);
            double without = alone.share(1);
            return Map.of(
                    ALONE, 100 * without,
                    AMONG, 100 * with,
                    KEPT, 100 * with / without,
                    SENT, among.sent * 1e6 / among.nanos,
                    OPENED, among.opened * 1e6 / among.nanos,
                    LOST, 100.0 * refused / (among.established + among.opened + refused),
                    GROWTH, (ConnectionMemory.process(turn) - before) / (double) (1 << 20));
        }
    }

    private static LiveFrameFlood open(FloodTraffic traffic) throws IOException {
        LiveFrameFlood flood = LiveFrameFlood.open("client", traffic);
        flood.setRate(OPENING_RATE);
        return flood;
    }

    /**
     * What passed in a time.
     *
     * @param sent packets of all kinds
     * @param established those of established connections that arrived
     * @param opened SYNs that arrived
     */
    private record Passed(long nanos, long sent, long established, long opened) {
        static Passed during(Duration time, FloodThread flood, ArrivalCounter arrivals)
                throws InterruptedException {
            long start = System.nanoTime();
            long sent = flood.sent();
            long others = arrivals.others();
            long all = arrivals.packets();
            Thread.sleep(time);
            long established = arrivals.others() - others;
            return new Passed(
                    System.nanoTime() - start,
                    flood.sent() - sent,
                    established,
                    arrivals.packets() - all - established);
        }

        /** Of the established connections' packets the part that arrived, if they are one of n. */
        double share(int of) {
            return (double) established * of / sent;
        }
    }
}
