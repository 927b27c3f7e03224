package io.weir.control.lvscf;

import io.weir.control.config.FloatingAddress;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.SorryServerConfig;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What one active virtual block says.
 *
 * @param section its keys, for messages
 * @param instance the virtual router with which its address moves, null if it does not say
 * @param rules those that give its packets its mark
 */
record VirtualBlock(
        Section section,
        ServiceId id,
        ServiceSettings settings,
        List<Server> servers,
        @Nullable SorryServerConfig sorryServer,
        int quorum,
        @Nullable FloatingAddress floating,
        @Nullable String instance,
        List<MarkRule> rules) {
    /** A real server and its block. */
    record Server(ServerConfig config, Section section) {
        int line() {
            return section.line();
        }
    }

    VirtualBlock {
        servers = List.copyOf(servers);
        rules = List.copyOf(rules);
    }

    String name() {
        return section.name();
    }

    int line() {
        return section.line();
    }
}
