package io.weir.bench.live;

import io.weir.bench.rate.ArrivalCounter;
import io.weir.bench.rate.Flood;
import io.weir.bench.rate.FloodTraffic;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The processor time of a forwarded 60-byte packet: what the scheduler charges to the balancer's
 * processes, to the kernel threads that receive for its interfaces and to the soft interrupts of
 * its processor, divided by the packets that arrived at the server.
 *
 * <p>The balancer has a processor of its own and its interfaces receive in threads that the
 * scheduler accounts for. What the source and the server do is on the other processor and is not
 * charged; nor is what the hypervisor takes. A packet that is received and lost costs too, and is
 * in the cost of those that arrive.
 */
final class PacketCost implements Measure {
    /** Opens a source of packets in the client's namespace. */
    @FunctionalInterface
    interface Source {
        Flood open(FloodTraffic traffic) throws IOException;
    }

    private static final Metric COST = new Metric("cost", "ns", true);
    private static final Metric LEAST_COST = new Metric("least cost", "ns", true);
    private static final Metric RECEIVE_COST = new Metric("of it receiving", "ns", true);
    private static final Metric RATE = new Metric("packets", "1000/s", false);
    private static final Metric LOST = new Metric("lost behind", "%", true);

    private static final Duration STEP = Duration.ofMillis(50);
    private static final Duration WINDOW = Duration.ofMillis(250);
    private static final Duration FIRST_PACKETS = Duration.ofMillis(400);

    /** So many packets of each flow come before any counts, because some may be lost. */
    private static final int OPENINGS = 2;

    private static final int OPENING_RATE = 1_000_000;

    private final String name;
    private final String description;
    private final int protocol;
    private final int flowBits;
    private final Source source;
    private final Supplier<Offer> offers;

    /**
     * A measure of one kind of traffic.
     *
     * @param flowBits the logarithm of the number of flows to the base 2
     * @param offers say how many packets are sent in a turn
     */
    PacketCost(
            String name,
            String description,
            int protocol,
            int flowBits,
            Source source,
            Supplier<Offer> offers) {
        this.name = name;
        this.description = description;
        this.protocol = protocol;
        this.flowBits = flowBits;
        this.source = source;
        this.offers = offers;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "processor time of a forwarded packet of 60 bytes, over IPv6 80, " + description;
    }

    @Override
    public Layout layout() {
        return PacketPath.LAYOUT;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(COST, LEAST_COST, RECEIVE_COST, RATE, LOST);
    }

    @Override
    public List<Metric> charted() {
        return List.of(COST, RECEIVE_COST);
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
        FloodTraffic traffic = PacketPath.traffic(turn, protocol, flowBits);
        Offer offer = offers.get();
        List<Long> receivers = PacketPath.prepare(site, offer.first() == Flood.UNLIMITED);
        boolean opens = opensConnections(turn.contender());
        try (ArrivalCounter arrivals = PacketPath.arrivals(site);
                FloodThread flood =
                        FloodThread.start(
                                site.client(),
                                site.layout().placement().hosts(),
                                () -> open(traffic, offer, opens))) {
            Thread.sleep(opening(traffic, offer));
            flood.setTcpFlags(FloodTraffic.TCP_ACK);
            drive(turn.warmUp(), offer, flood, arrivals);
            long arrived = arrivals.packets();
            long refused = PacketPath.refused(site);
            List<Window> windows = new ArrayList<>();
            Load load = new Load(turn.contender(), receivers, arrivals);
            for (long left = turn.length().toMillis(); left > 0; left -= WINDOW.toMillis()) {
                drive(WINDOW, offer, flood, arrivals);
                windows.add(load.window());
            }
            arrived = arrivals.packets() - arrived;
            return values(windows, arrived, PacketPath.refused(site) - refused);
        }
    }

    /**
     * Connection tracking takes up TCP in the middle, but refuses the client's acknowledgement of
     * an answer that never came; weir begins with a SYN as IPVS does.
     */
    private static boolean opensConnections(Contender.Running contender) {
        return !contender.processes().isEmpty();
    }

    /** How long the first packets of all flows take. */
    private static Duration opening(FloodTraffic traffic, Offer offer) {
        int rate = offer.first() == Flood.UNLIMITED ? OPENING_RATE : offer.first();
        return FIRST_PACKETS.plus(Duration.ofMillis(OPENINGS * 1000L * traffic.flows() / rate));
    }

    private Flood open(FloodTraffic traffic, Offer offer, boolean opens) throws IOException {
        Flood flood = source.open(traffic);
        flood.setTcpFlags(opens ? FloodTraffic.TCP_SYN : FloodTraffic.TCP_ACK);
        flood.setRate(offer.first());
        return flood;
    }

    /** Lets time pass while the offer follows what arrives. */
    private static void drive(
            Duration time, Offer offer, FloodThread flood, ArrivalCounter arrivals)
            throws IOException, InterruptedException {
        for (long left = time.toMillis(); left > 0; left -= STEP.toMillis()) {
            long sent = flood.sent();
            long arrived = arrivals.packets();
            Thread.sleep(STEP);
            flood.setRate(offer.next(flood.sent() - sent, arrivals.packets() - arrived));
        }
        flood.check();
    }

    private static Map<Metric, Double> values(List<Window> windows, long arrived, long refused)
            throws IOException {
        if (windows.stream().anyMatch(window -> window.packets == 0)) {
            throw new IOException("no packet arrived at the server for " + WINDOW);
        }
        return Map.of(
                COST, median(windows, Window::cost),
                LEAST_COST, windows.stream().mapToDouble(Window::cost).min().orElseThrow(),
                RECEIVE_COST, median(windows, window -> window.received / window.packets),
                RATE, median(windows, window -> window.packets * 1e6 / window.nanos),
                LOST, 100.0 * refused / (arrived + refused));
    }

    private static double median(List<Window> windows, ToDoubleFunction<Window> value) {
        double[] sorted = windows.stream().mapToDouble(value).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** A quarter of a second: its length, who had how much processor time, and what arrived. */
    private record Window(long nanos, double received, double processed, double packets) {
        double cost() {
            return (received + processed) / packets;
        }
    }

    /** Counters at the end of the window before. */
    private static final class Load {
        private final Contender.Running contender;
        private final List<Long> receivers;
        private final ArrivalCounter arrivals;
        private long time;
        private long received;
        private long processed;
        private long packets;

        Load(Contender.Running contender, List<Long> receivers, ArrivalCounter arrivals)
                throws IOException {
            this.contender = contender;
            this.receivers = receivers;
            this.arrivals = arrivals;
            window();
        }

        Window window() throws IOException {
            long newTime = System.nanoTime();
            long newPackets = arrivals.packets();
            long newReceived = ProcessorTime.ofProcesses(receivers);
            long newProcessed = ProcessorTime.ofProcesses(contender.processes());
            Window window =
                    new Window(
                            newTime - time,
                            newReceived - received,
                            newProcessed - processed,
                            newPackets - packets);
            time = newTime;
            packets = newPackets;
            received = newReceived;
            processed = newProcessed;
            return window;
        }
    }
}
