package io.weir.control.warmup;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Sends made-up traffic through a balancer of its own until the virtual machine has compiled the
 * packets' way. What it uses is in memory and gone when it returns.
 */
public final class WarmUp {
    private static final long SHORTEST_NANOS = 300_000_000;
    private static final long STANDSTILL_NANOS = 400_000_000;
    private static final int ROUND_PACKETS = 2_048;
    private static final double PROGRESS = 0.9;

    private WarmUp() {}

    /**
     * What it came to.
     *
     * @param packets that were forwarded
     * @param elapsed the time it took
     * @param firstNanos for a packet in the first round
     * @param lastNanos for a packet in the best round
     */
    public record Outcome(long packets, Duration elapsed, long firstNanos, long lastNanos) {}

    /**
     * Runs until packets do not become faster any more.
     *
     * @param patterns the services to warm up for
     * @param offloads whether flows are going to be handed over to the kernel
     * @param most the longest it may take
     */
    public static Outcome run(List<TrafficPattern> patterns, boolean offloads, Duration most) {
        return run(patterns, offloads, most, System::nanoTime);
    }

    static Outcome run(
            List<TrafficPattern> patterns, boolean offloads, Duration most, LongSupplier clock) {
        long start = clock.getAsLong();
        long now = start;
        long progress = start;
        long first = 0;
        long best = Long.MAX_VALUE;
        try (MadeUpNetwork network = new MadeUpNetwork(patterns, offloads)) {
            while (now - start < most.toNanos()
                    && (now - start < SHORTEST_NANOS || now - progress < STANDSTILL_NANOS)) {
                long cost = round(network);
                now = clock.getAsLong();
                first = first == 0 ? cost : first;
                if (cost < best * PROGRESS) {
                    best = cost;
                    progress = now;
                }
            }
            return new Outcome(network.packets(), Duration.ofNanos(now - start), first, best);
        }
    }

    /** Returns the nanoseconds of a packet. */
    private static long round(MadeUpNetwork network) {
        long packets = network.packets();
        long nanos = network.nanos();
        long end = packets + ROUND_PACKETS;
        for (int i = 0; i < ROUND_PACKETS && network.packets() < end; i++) {
            network.exchange();
        }
        return (network.nanos() - nanos) / Math.max(1, network.packets() - packets);
    }
}
