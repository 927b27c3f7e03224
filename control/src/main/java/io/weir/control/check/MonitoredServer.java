package io.weir.control.check;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.LoadConfig;
import io.weir.dataplane.service.ForwardingMethod;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What is to be watched of one real server.
 *
 * @param method how the service reaches it, for checks that go through the service
 */
public record MonitoredServer(
        ServerKey key,
        ForwardingMethod method,
        List<CheckConfig> checks,
        @Nullable LoadConfig load) {
    public MonitoredServer {
        checks = List.copyOf(checks);
    }
}
