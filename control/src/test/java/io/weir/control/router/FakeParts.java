package io.weir.control.router;

import io.weir.control.check.Health;
import io.weir.control.check.HealthListener;
import io.weir.control.check.HealthMonitor;
import io.weir.control.check.MonitoredServer;
import io.weir.control.check.ServerHealth;
import io.weir.control.check.ServerKey;
import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.Configuration;
import io.weir.control.config.FloatingAddress;
import io.weir.control.event.EventSink;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Failover;
import io.weir.control.failover.Role;
import io.weir.control.failover.RoleListener;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parts that do what a test says, and write down what was asked of them. */
final class FakeParts implements RouterParts {
    final List<String> asked = new ArrayList<>();
    final Map<ServerKey, Health> health = new LinkedHashMap<>();
    List<ServerHealth> known = List.of();
    @Nullable String refusal;
    HealthListener checks;
    RoleListener roles;
    private Collection<MonitoredServer> watched = List.of();

    synchronized void log(String line) {
        asked.add(line);
    }

    synchronized List<String> asked() {
        List<String> lines = List.copyOf(asked);
        asked.clear();
        return lines;
    }

    @Override
    public List<ServerHealth> known() {
        return known;
    }

    @Override
    public HealthMonitor openMonitor(HealthListener listener) {
        checks = listener;
        return new HealthMonitor() {
            @Override
            public void watch(Collection<MonitoredServer> servers) {
                watched = servers;
                log("watch " + servers.size());
            }

            @Override
            public void restore(Collection<ServerHealth> known) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void checkNow() {
                log("check now");
            }

            @Override
            public List<ServerHealth> snapshot() {
                return watched.stream()
                        .map(MonitoredServer::key)
                        .map(
                                key ->
                                        new ServerHealth(
                                                key,
                                                health.getOrDefault(key, Health.UNKNOWN),
                                                Instant.EPOCH,
                                                List.of()))
                        .toList();
            }

            @Override
            public void close() {
                log("monitor closed");
            }
        };
    }

    /** Tells of a server's health, as its checks would. */
    void found(ServerKey key, Health found) {
        health.put(key, found);
        checks.healthChanged(key, found, "as the test says");
    }

    @Override
    public AddressHolder openAddresses(EventSink events) {
        return new AddressHolder() {
            @Override
            public void hold(
                    Collection<FloatingAddress> addresses, AnnouncementConfig announcements) {
                addresses.forEach(one -> log("hold " + one.address()));
            }

            @Override
            public void announce(
                    Collection<FloatingAddress> addresses, AnnouncementConfig announcements) {
                addresses.forEach(one -> log("announce " + one.address()));
            }

            @Override
            public void release(Collection<FloatingAddress> addresses) {
                addresses.forEach(one -> log("release " + one.address()));
            }

            @Override
            public void close() {
                log("addresses closed");
            }
        };
    }

    @Override
    public Failover openHeartbeat(AddressHolder addresses, RoleListener listener, EventSink events)
            throws IOException {
        return protocol("heartbeat", listener);
    }

    @Override
    public Failover openVrrp(AddressHolder addresses, RoleListener listener, EventSink events)
            throws IOException {
        return protocol("vrrp", listener);
    }

    private Failover protocol(String name, RoleListener listener) {
        roles = listener;
        return new Failover() {
            @Override
            public void configure(Configuration configuration) throws IOException {
                String refuses = refusal;
                if (refuses != null && configuration.serial() == 666) {
                    throw new IOException(refuses);
                }
                log(name + " configured " + configuration.serial());
            }

            @Override
            public boolean handOver() {
                log(name + " hands over");
                return true;
            }

            @Override
            public void setMaintenance(boolean on) {
                log(name + " maintenance " + on);
            }

            @Override
            public List<Status> status() {
                return List.of(new Status("pair", Role.STANDBY, "192.0.2.9", 100, ""));
            }

            @Override
            public void close() {
                log(name + " closed");
            }
        };
    }
}
