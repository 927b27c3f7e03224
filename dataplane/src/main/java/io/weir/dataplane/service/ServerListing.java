package io.weir.dataplane.service;

/**
 * A real server at one instant.
 *
 * @param active connections being opened or established
 * @param inactive all others
 * @param persistent persistence templates
 */
public record ServerListing(
        ServerId id,
        ServerSettings settings,
        long active,
        long inactive,
        long persistent,
        CounterSnapshot counters) {}
