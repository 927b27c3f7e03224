package io.weir.control.daemon;

import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncDaemonResult;
import io.weir.dataplane.sync.SyncRole;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Administration of a balancer beside a kernel: the kernel is told of a real server before the
 * balancer is. Any thread.
 */
final class SteeredAdministration implements Administration {
    /** What a service of a mark may get packets of. */
    private static final int[] MARKED = {ServiceId.TCP, ServiceId.UDP, ServiceId.SCTP};

    private final Administration balancer;
    private final HostSteering steering;

    SteeredAdministration(Administration balancer, HostSteering steering) {
        this.balancer = balancer;
        this.steering = steering;
    }

    @Override
    public RuleResult addServer(ServiceId service, ServerId id, ServerSettings settings) {
        return expect(service, id, settings)
                ? balancer.addServer(service, id, settings)
                : RuleResult.TOO_MANY;
    }

    @Override
    public RuleResult editServer(ServiceId service, ServerId id, ServerSettings settings) {
        return expect(service, id, settings)
                ? balancer.editServer(service, id, settings)
                : RuleResult.TOO_MANY;
    }

    // What is refused by the balancer afterwards goes with the next change of the steering.
    private boolean expect(ServiceId service, ServerId id, ServerSettings settings) {
        if (settings.method() != ForwardingMethod.MASQUERADE) {
            return true;
        }
        int port = id.port() == 0 ? service.port() : id.port();
        Set<Endpoint> replies = new HashSet<>();
        for (int protocol : service.isMark() ? MARKED : new int[] {service.protocol()}) {
            replies.add(new Endpoint(protocol, id.address(), port));
        }
        try {
            steering.expect(service, replies);
            return true;
        } catch (SteeringException e) {
            return false;
        }
    }

    @Override
    public RuleResult addService(ServiceId id, ServiceSettings settings) {
        return balancer.addService(id, settings);
    }

    @Override
    public RuleResult editService(ServiceId id, ServiceSettings settings) {
        return balancer.editService(id, settings);
    }

    @Override
    public RuleResult deleteService(ServiceId id) {
        return balancer.deleteService(id);
    }

    @Override
    public RuleResult deleteServer(ServiceId service, ServerId id) {
        return balancer.deleteServer(service, id);
    }

    @Override
    public RuleResult drainServer(ServiceId service, ServerId id, boolean draining) {
        return balancer.drainServer(service, id, draining);
    }

    @Override
    public RuleResult addDrainingServer(ServiceId service, ServerId id, ServerSettings settings) {
        return expect(service, id, settings)
                ? balancer.addDrainingServer(service, id, settings)
                : RuleResult.TOO_MANY;
    }

    @Override
    public RuleResult expelServer(ServiceId service, ServerId id) {
        return balancer.expelServer(service, id);
    }

    @Override
    public void clear() {
        balancer.clear();
    }

    @Override
    public RuleResult zero(@Nullable ServiceId service) {
        return balancer.zero(service);
    }

    @Override
    public void setTimeouts(Timeouts timeouts) {
        balancer.setTimeouts(timeouts);
    }

    @Override
    public Timeouts timeouts() {
        return balancer.timeouts();
    }

    @Override
    public List<ServiceListing> services() {
        return balancer.services();
    }

    @Override
    public @Nullable ServiceListing service(ServiceId id) {
        return balancer.service(id);
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        balancer.connections(consumer);
    }

    @Override
    public CounterSnapshot totals() {
        return balancer.totals();
    }

    @Override
    public int followedConnections() {
        return balancer.followedConnections();
    }

    @Override
    public int connectionCapacity() {
        return balancer.connectionCapacity();
    }

    @Override
    public SyncDaemonResult startSyncDaemon(SyncDaemon daemon) {
        return balancer.startSyncDaemon(daemon);
    }

    @Override
    public void synchroniseAsPair() {
        balancer.synchroniseAsPair();
    }

    @Override
    public void setStandby(boolean on) {
        balancer.setStandby(on);
    }

    @Override
    public SyncDaemonResult stopSyncDaemon(SyncRole role) {
        return balancer.stopSyncDaemon(role);
    }

    @Override
    public List<SyncDaemon> syncDaemons() {
        return balancer.syncDaemons();
    }
}
