package io.weir.control.keeper;

import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;

/**
 * What the table has of a real server.
 *
 * @param draining gets no connection, whatever persistence remembers
 */
public record ServerEntry(ServerSettings settings, boolean draining) {
    static ServerEntry of(ServerListing listing) {
        return new ServerEntry(listing.settings(), listing.draining());
    }

    /** Whether it gets connections. */
    boolean serves() {
        return !draining && settings.weight() > 0;
    }

    /** A server's entry with a weight of its own. */
    static ServerEntry weighted(ServerSettings settings, int weight, boolean draining) {
        ServerSettings weighted =
                new ServerSettings(
                        settings.method(),
                        weight,
                        settings.upperThreshold(),
                        settings.lowerThreshold(),
                        settings.tunnel());
        return new ServerEntry(weighted, draining);
    }
}
