package io.weir.dataplane.service;

import java.util.List;

/** A virtual service at one instant; its servers are in scheduling order, the newest first. */
public record ServiceListing(
        ServiceId id,
        ServiceSettings settings,
        CounterSnapshot counters,
        List<ServerListing> servers) {
    public ServiceListing {
        servers = List.copyOf(servers);
    }
}
