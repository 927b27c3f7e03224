package io.weir.control.keeper;

import io.weir.control.check.ServerKey;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Configuration;
import io.weir.control.config.FailureAction;
import io.weir.control.config.Probe;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.control.config.SorryServerConfig;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Configurations to test with. */
public final class Farm {
    private Farm() {}

    public static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    public static ServiceId tcp(int port) {
        return ServiceId.of(ServiceId.TCP, ip("192.0.2.1"), port);
    }

    public static ServerId server(int number) {
        return new ServerId(ip("10.0.0." + number), 80);
    }

    public static ServerKey key(int port, int number) {
        return new ServerKey(tcp(port), server(number));
    }

    public static CheckConfig check(int number, Duration interval) {
        return new CheckConfig(
                new Probe.TcpConnect(),
                ip("10.0.0." + number),
                80,
                CheckConfig.Path.DIRECT,
                CheckTiming.nanny(interval, interval));
    }

    /** A server of weight 10 with a check. */
    public static ServerConfig checked(int number) {
        return server(number, 10, FailureAction.REMOVE, null);
    }

    public static ServerConfig server(
            int number, int weight, FailureAction onFailure, @Nullable Duration drain) {
        return new ServerConfig(
                "web" + number,
                server(number),
                ServerSettings.of(ForwardingMethod.MASQUERADE, weight),
                List.of(check(number, Duration.ofSeconds(6))),
                onFailure,
                false,
                null,
                drain);
    }

    public static SorryServerConfig sorry(int number) {
        return new SorryServerConfig(
                server(number), ServerSettings.of(ForwardingMethod.MASQUERADE, 1));
    }

    public static ServiceConfig service(
            int port, @Nullable SorryServerConfig sorry, int quorum, ServerConfig... servers) {
        return new ServiceConfig(
                "service" + port,
                tcp(port),
                ServiceSettings.of("wlc"),
                List.of(servers),
                sorry,
                quorum);
    }

    public static Configuration configuration(ServiceConfig... services) {
        return configuration(List.of(services));
    }

    public static Configuration configuration(List<ServiceConfig> services) {
        Configuration none = Configuration.EMPTY;
        return new Configuration(
                none.serial(),
                none.timeouts(),
                services,
                none.localServices(),
                none.marks(),
                none.masquerade(),
                none.heartbeat(),
                none.vrrp(),
                none.syncGroups(),
                none.connectionSync(),
                none.push(),
                none.scripts());
    }
}
