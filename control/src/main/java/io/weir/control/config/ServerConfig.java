package io.weir.control.config;

import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/**
 * A real server of one virtual service.
 *
 * @param name what the operator calls it
 * @param settings how it is reached, and the weight it has when all is well
 * @param checks it is in service while all of them pass; without any it always is
 * @param onFailure what becomes of it when one fails
 * @param slowStart it enters with a 32nd of its weight, which doubles with each {@link
 *     LoadConfig#period} or {@link #SLOW_START_STEP} until it has its own
 * @param load follows its load with its weight, null to leave the weight as it is
 * @param drain how long connections may go on when the operator takes the server out of service or
 *     out of the configuration; null for as long as they like
 */
public record ServerConfig(
        String name,
        ServerId id,
        ServerSettings settings,
        List<CheckConfig> checks,
        FailureAction onFailure,
        boolean slowStart,
        @Nullable LoadConfig load,
        @Nullable Duration drain) {
    /** nanny's step where the load is not watched. */
    public static final Duration SLOW_START_STEP = Duration.ofSeconds(20);

    public ServerConfig {
        checks = List.copyOf(checks);
    }
}
