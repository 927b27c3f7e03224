package io.weir.control.ipvsadm;

import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncDaemonResult;
import io.weir.dataplane.sync.SyncRole;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Rules without a balancer: what a kernel would keep and refuse, and whatever counters a test puts
 * in.
 */
final class RuleTable implements Administration {
    static final Set<String> SCHEDULERS = Set.of("rr", "wrr", "lc", "wlc", "sh", "mh", "dh");

    private final Map<ServiceId, ServiceListing> services = new LinkedHashMap<>();
    private final List<ConnectionListing> connections = new ArrayList<>();
    private Timeouts timeouts = new Timeouts(900, 120, 300);

    void put(ServiceListing service) {
        services.put(service.id(), service);
    }

    void put(ConnectionListing connection) {
        connections.add(connection);
    }

    @Override
    public RuleResult addService(ServiceId id, ServiceSettings settings) {
        if (services.containsKey(id)) {
            return RuleResult.SERVICE_EXISTS;
        }
        if (!SCHEDULERS.contains(settings.scheduler())) {
            return RuleResult.NO_SCHEDULER;
        }
        put(new ServiceListing(id, settings, CounterSnapshot.ZERO, List.of()));
        return RuleResult.DONE;
    }

    @Override
    public RuleResult editService(ServiceId id, ServiceSettings settings) {
        ServiceListing service = services.get(id);
        if (service == null) {
            return RuleResult.NO_SERVICE;
        }
        if (!SCHEDULERS.contains(settings.scheduler())) {
            return RuleResult.NO_SCHEDULER;
        }
        put(new ServiceListing(id, settings, service.counters(), service.servers()));
        return RuleResult.DONE;
    }

    @Override
    public RuleResult deleteService(ServiceId id) {
        return services.remove(id) == null ? RuleResult.NO_SERVICE : RuleResult.DONE;
    }

    @Override
    public RuleResult addServer(ServiceId service, ServerId id, ServerSettings settings) {
        List<ServerListing> servers = servers(service);
        if (servers == null) {
            return RuleResult.NO_SERVICE;
        }
        if (indexOf(servers, id) >= 0) {
            return RuleResult.SERVER_EXISTS;
        }
        servers.addFirst(new ServerListing(id, settings, 0, 0, 0, false, CounterSnapshot.ZERO));
        putServers(service, servers);
        return RuleResult.DONE;
    }

    @Override
    public RuleResult editServer(ServiceId service, ServerId id, ServerSettings settings) {
        List<ServerListing> servers = servers(service);
        if (servers == null) {
            return RuleResult.NO_SERVICE;
        }
        int index = indexOf(servers, id);
        if (index < 0) {
            return RuleResult.NO_SERVER;
        }
        servers.set(index, new ServerListing(id, settings, 0, 0, 0, false, CounterSnapshot.ZERO));
        putServers(service, servers);
        return RuleResult.DONE;
    }

    @Override
    public RuleResult deleteServer(ServiceId service, ServerId id) {
        List<ServerListing> servers = servers(service);
        if (servers == null) {
            return RuleResult.NO_SERVICE;
        }
        int index = indexOf(servers, id);
        if (index < 0) {
            return RuleResult.NO_SERVER;
        }
        servers.remove(index);
        putServers(service, servers);
        return RuleResult.DONE;
    }

    @Override
    public RuleResult drainServer(ServiceId service, ServerId id, boolean draining) {
        throw new UnsupportedOperationException("no command of ipvsadm's does that");
    }

    @Override
    public RuleResult expelServer(ServiceId service, ServerId id) {
        throw new UnsupportedOperationException("no command of ipvsadm's does that");
    }

    private @Nullable List<ServerListing> servers(ServiceId id) {
        ServiceListing service = services.get(id);
        return service == null ? null : new ArrayList<>(service.servers());
    }

    private static int indexOf(List<ServerListing> servers, ServerId id) {
        for (int i = 0; i < servers.size(); i++) {
            if (servers.get(i).id().equals(id)) {
                return i;
            }
        }
        return -1;
    }

    private void putServers(ServiceId id, List<ServerListing> servers) {
        ServiceListing service = services.get(id);
        put(new ServiceListing(id, service.settings(), service.counters(), servers));
    }

    @Override
    public void clear() {
        services.clear();
        connections.clear();
    }

    @Override
    public RuleResult zero(@Nullable ServiceId service) {
        return service == null || services.containsKey(service)
                ? RuleResult.DONE
                : RuleResult.NO_SERVICE;
    }

    @Override
    public void setTimeouts(Timeouts to) {
        timeouts = to;
    }

    @Override
    public Timeouts timeouts() {
        return timeouts;
    }

    @Override
    public List<ServiceListing> services() {
        return List.copyOf(services.values());
    }

    @Override
    public @Nullable ServiceListing service(ServiceId id) {
        return services.get(id);
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        connections.forEach(consumer);
    }

    @Override
    public CounterSnapshot totals() {
        return CounterSnapshot.ZERO;
    }

    @Override
    public int followedConnections() {
        return 0;
    }

    @Override
    public int connectionCapacity() {
        return 4096;
    }

    private final Map<SyncRole, SyncDaemon> daemons = new EnumMap<>(SyncRole.class);

    /** Knows eth0 and eth1, of an MTU of 1500. */
    @Override
    public SyncDaemonResult startSyncDaemon(SyncDaemon daemon) {
        if (daemons.containsKey(daemon.role())) {
            return SyncDaemonResult.ALREADY_RUNNING;
        }
        if (!daemon.interfaceName().startsWith("eth")) {
            return SyncDaemonResult.NO_INTERFACE;
        }
        daemons.put(daemon.role(), daemon.maxLength() == 0 ? daemon.withMaxLength(1472) : daemon);
        return SyncDaemonResult.DONE;
    }

    @Override
    public SyncDaemonResult stopSyncDaemon(SyncRole role) {
        return daemons.remove(role) == null ? SyncDaemonResult.NOT_RUNNING : SyncDaemonResult.DONE;
    }

    @Override
    public List<SyncDaemon> syncDaemons() {
        return List.copyOf(daemons.values());
    }
}
