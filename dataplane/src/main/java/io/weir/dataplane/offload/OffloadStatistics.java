package io.weir.dataplane.offload;

import org.jspecify.annotations.Nullable;

/**
 * What the kernel forwards by itself.
 *
 * @param flows at present; two for a connection whose replies pass the balancer
 * @param capacity the most flows
 * @param packets forwarded since the start, as far as they are counted: four times a second
 * @param bytes their IP total lengths
 * @param refused packets that the worker forwarded because there was no place for their flow
 */
public record OffloadStatistics(long flows, int capacity, long packets, long bytes, long refused) {

    /**
     * Adds up what several workers have handed over, who share the room.
     *
     * @param workers null for one that hands nothing over
     * @return null if none does
     */
    public static @Nullable OffloadStatistics sum(
            Iterable<? extends @Nullable OffloadStatistics> workers) {
        OffloadStatistics sum = null;
        for (OffloadStatistics one : workers) {
            sum = one == null ? sum : one.and(sum);
        }
        return sum;
    }

    private OffloadStatistics and(@Nullable OffloadStatistics other) {
        return other == null
                ? this
                : new OffloadStatistics(
                        flows + other.flows,
                        capacity,
                        packets + other.packets,
                        bytes + other.bytes,
                        refused + other.refused);
    }
}
