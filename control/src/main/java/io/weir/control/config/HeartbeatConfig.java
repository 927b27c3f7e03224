package io.weir.control.config;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A pair of routers that hear each other's heartbeats, as Piranha's pulse does it.
 *
 * @param primary the first router's own address
 * @param primaryPrivate its address on a second path, equal to {@code primary} without one
 * @param backup the other router's own address, null for a single router
 * @param backupPrivate its address on the second path
 * @param port the UDP port of both
 * @param keepalive the time from one heartbeat to the next
 * @param deadtime a partner silent for so long is dead
 * @param monitorLinks a router whose interface with one of these addresses is down gives up its
 *     role
 * @param failback a primary that comes back takes over again, instead of standing by
 * @param key a file with the secret that both routers share, null for pulse's own unauthenticated
 *     heartbeat
 * @param addresses what the active router has
 * @param announcements how a new active router makes itself known
 */
public record HeartbeatConfig(
        IpAddress primary,
        IpAddress primaryPrivate,
        @Nullable IpAddress backup,
        @Nullable IpAddress backupPrivate,
        int port,
        Duration keepalive,
        Duration deadtime,
        boolean monitorLinks,
        boolean failback,
        @Nullable Path key,
        List<FloatingAddress> addresses,
        AnnouncementConfig announcements) {
    public HeartbeatConfig {
        addresses = List.copyOf(addresses);
    }
}
