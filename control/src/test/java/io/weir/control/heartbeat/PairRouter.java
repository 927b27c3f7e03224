package io.weir.control.heartbeat;

import io.weir.control.address.NetlinkAddressHolder;
import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.Configuration;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.HeartbeatConfig;
import io.weir.control.event.EventSink;
import io.weir.control.failover.RoleListener;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * One router of the manual's pair, in the network namespace of the thread that opens it; also a
 * program, which prints its roles, for tests that kill.
 */
final class PairRouter implements AutoCloseable {
    static final String VIP = "192.168.26.10";
    static final String VIP6 = "2001:db8:26::10";
    static final String NAT_ROUTER = "10.11.12.10";
    static final String PRIMARY = "192.168.26.9";
    static final String BACKUP = "192.168.26.8";
    static final String PRIMARY_PRIVATE = "10.11.12.9";
    static final String BACKUP_PRIVATE = "10.11.12.8";
    static final int PORT = 539;

    private static final List<FloatingAddress> ADDRESSES =
            List.of(
                    new FloatingAddress(address(VIP), 24, "eth0", "eth0:1"),
                    new FloatingAddress(address(VIP6), 64, "eth0", null),
                    new FloatingAddress(address(NAT_ROUTER), 24, "eth1", "eth1:1"));

    private final NetlinkAddressHolder holder;
    private final HeartbeatFailover failover;

    private PairRouter(NetlinkAddressHolder holder, HeartbeatFailover failover) {
        this.holder = holder;
        this.failover = failover;
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    static Configuration configuration(
            Duration keepalive, Duration deadtime, boolean failback, @Nullable Path key) {
        HeartbeatConfig heartbeat =
                new HeartbeatConfig(
                        address(PRIMARY),
                        address(PRIMARY_PRIVATE),
                        address(BACKUP),
                        address(BACKUP_PRIVATE),
                        PORT,
                        keepalive,
                        deadtime,
                        true,
                        failback,
                        key,
                        ADDRESSES,
                        AnnouncementConfig.DEFAULT);
        return with(heartbeat);
    }

    static Configuration with(@Nullable HeartbeatConfig heartbeat) {
        Configuration empty = Configuration.EMPTY;
        return new Configuration(
                empty.serial(),
                empty.timeouts(),
                empty.services(),
                empty.localServices(),
                empty.marks(),
                empty.masquerade(),
                heartbeat,
                empty.vrrp(),
                empty.syncGroups(),
                empty.connectionSync(),
                empty.push(),
                empty.scripts());
    }

    static PairRouter open(Configuration configuration, RoleListener listener, EventSink events)
            throws IOException {
        NetlinkAddressHolder holder = NetlinkAddressHolder.open(events);
        HeartbeatFailover failover = HeartbeatFailover.open(holder, listener, events);
        PairRouter router = new PairRouter(holder, failover);
        try {
            failover.configure(configuration);
        } catch (IOException e) {
            router.close();
            throw e;
        }
        return router;
    }

    HeartbeatFailover failover() {
        return failover;
    }

    @Override
    public void close() {
        failover.close();
        holder.close();
    }

    /** Arguments: keepalive and deadtime in milliseconds, the key's file. */
    public static void main(String[] arguments) throws Exception {
        Configuration configuration =
                configuration(
                        Duration.ofMillis(Long.parseLong(arguments[0])),
                        Duration.ofMillis(Long.parseLong(arguments[1])),
                        false,
                        Path.of(arguments[2]));
        PairRouter router =
                open(
                        configuration,
                        (instance, role, reason) -> System.out.println(role + " " + reason),
                        event -> {});
        Runtime.getRuntime().addShutdownHook(new Thread(router::close, "end"));
        System.out.println("ready");
        Thread.sleep(TimeUnit.MINUTES.toMillis(5));
    }
}
