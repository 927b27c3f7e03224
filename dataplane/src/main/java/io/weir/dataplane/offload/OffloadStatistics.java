package io.weir.dataplane.offload;

/**
 * What the kernel forwards by itself.
 *
 * @param flows at present; two for a connection whose replies pass the balancer
 * @param capacity the most flows
 * @param packets forwarded since the start, as far as they are counted: four times a second
 * @param bytes their IP total lengths
 * @param refused packets that the worker forwarded because there was no place for their flow
 */
public record OffloadStatistics(long flows, int capacity, long packets, long bytes, long refused) {}
