package io.weir.dataplane.service;

/**
 * A real server at one instant.
 *
 * @param active connections being opened or established
 * @param inactive all others
 * @param persistent persistence templates
 * @param draining gets no connection any more, neither by the scheduler nor by persistence
 */
public record ServerListing(
        ServerId id,
        ServerSettings settings,
        long active,
        long inactive,
        long persistent,
        boolean draining,
        CounterSnapshot counters) {}
