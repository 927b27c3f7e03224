package io.weir.control.ipvsadm;

import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.sync.SyncDaemon;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.Set;

/**
 * A command line that passed every check.
 *
 * @param service the service, null if the command needs none and got none
 * @param server the real server, null if the command needs none
 * @param timeouts those of --set
 * @param daemon the one to start or whose role is to stop; null for other commands
 */
record Invocation(
        Command command,
        Set<Option> options,
        @Nullable ServiceId service,
        ServiceSettings serviceSettings,
        @Nullable ServerId server,
        ServerSettings serverSettings,
        Timeouts timeouts,
        @Nullable SyncDaemon daemon) {

    /** The service of a command that cannot do without. */
    ServiceId requiredService() {
        return Objects.requireNonNull(service);
    }

    /** The real server of a command that cannot do without. */
    ServerId requiredServer() {
        return Objects.requireNonNull(server);
    }

    /** The daemon of a command that cannot do without. */
    SyncDaemon requiredDaemon() {
        return Objects.requireNonNull(daemon);
    }

    boolean has(Option option) {
        return options.contains(option);
    }
}
