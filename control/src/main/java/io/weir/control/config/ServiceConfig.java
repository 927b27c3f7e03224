package io.weir.control.config;

import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A virtual service.
 *
 * @param name what the operator calls it
 * @param servers its real servers, each with its own id
 * @param sorryServer gets the connections while no real server is in service, null for none
 * @param quorum so many real servers must be in service for the sorry server to go, at least 1
 */
public record ServiceConfig(
        String name,
        ServiceId id,
        ServiceSettings settings,
        List<ServerConfig> servers,
        @Nullable SorryServerConfig sorryServer,
        int quorum) {
    public ServiceConfig {
        servers = List.copyOf(servers);
        if (quorum < 1) {
            throw new IllegalArgumentException("quorum " + quorum);
        }
    }
}
