package io.weir.dataplane.service;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

/**
 * A connection or persistence template at one instant.
 *
 * @param protocol IP protocol number; 0 for the template of a marked service
 * @param virtual the virtual address, or a mark written as an address
 * @param server the real server, 0.0.0.0 for a connection without one
 * @param state the state's name as the kernel shows it
 * @param expiresSeconds what is left of its timeout, rounded down, 0 once it is due
 * @param synced whether another balancer's synchronisation daemon has told of it
 * @param persistenceEngine the engine that made it, null for none
 * @param persistenceData the engine's key as text, null for none
 */
public record ConnectionListing(
        int protocol,
        IpAddress client,
        int clientPort,
        IpAddress virtual,
        int virtualPort,
        IpAddress server,
        int serverPort,
        String state,
        int expiresSeconds,
        boolean synced,
        @Nullable String persistenceEngine,
        @Nullable String persistenceData) {}
