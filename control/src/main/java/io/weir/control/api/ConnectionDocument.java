package io.weir.control.api;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.weir.dataplane.service.ConnectionListing;

import org.jspecify.annotations.Nullable;

/** A connection or persistence template as the API shows it, one line of /v1/connections. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ConnectionDocument(
        String protocol,
        String client,
        int clientPort,
        String virtual,
        int virtualPort,
        String server,
        int serverPort,
        String state,
        int expiresSeconds,
        @Nullable String persistenceEngine,
        @Nullable String persistenceData) {
    static ConnectionDocument of(ConnectionListing listing) {
        return new ConnectionDocument(
                Protocols.name(listing.protocol()),
                listing.client().toString(),
                listing.clientPort(),
                listing.virtual().toString(),
                listing.virtualPort(),
                listing.server().toString(),
                listing.serverPort(),
                listing.state(),
                listing.expiresSeconds(),
                listing.persistenceEngine(),
                listing.persistenceData());
    }
}
