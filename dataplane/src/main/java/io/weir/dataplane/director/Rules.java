package io.weir.dataplane.director;

import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.TunnelSettings;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.PersistenceEngine;
import io.weir.dataplane.spi.Scheduler;
import io.weir.dataplane.spi.SchedulerCatalog;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/**
 * The operator's changes to services and servers, checked as the kernel checks them
 * (lvs-features.md 5.3; recorded: lookup-ipvsadm). Owned by the worker.
 */
final class Rules {
    /** The most virtual services. */
    static final int SERVICE_LIMIT = 1 << 16;

    private final ServiceTable services;
    private final ServerRegistry servers;
    private final SchedulerCatalog catalog;
    private final PersistenceData persistenceData;
    private final Sysctls sysctls;
    private final RandomGenerator random;
    private final boolean divided;
    private final NatEndpoints natEndpoints;
    private final OutwardServers outwardServers;

    /**
     * Makes rules for what there is.
     *
     * @param divided whether other workers have a part of the clients
     */
    Rules(
            ServiceTable services,
            ServerRegistry servers,
            SchedulerCatalog catalog,
            PersistenceData persistenceData,
            Sysctls sysctls,
            RandomGenerator random,
            boolean divided,
            NatEndpoints natEndpoints,
            OutwardServers outwardServers) {
        this.services = services;
        this.servers = servers;
        this.catalog = catalog;
        this.persistenceData = persistenceData;
        this.sysctls = sysctls;
        this.random = random;
        this.divided = divided;
        this.natEndpoints = natEndpoints;
        this.outwardServers = outwardServers;
    }

    RuleResult addService(ServiceId id, ServiceSettings settings) {
        if (services.get(id) != null) {
            return RuleResult.SERVICE_EXISTS;
        }
        RuleResult checked = check(id, settings);
        if (checked != RuleResult.DONE) {
            return checked;
        }
        Scheduler scheduler = catalog.create(settings.scheduler(), sysctls, random);
        if (scheduler == null || !hasEngine(settings)) {
            return RuleResult.NO_SCHEDULER;
        }
        if (services.size() >= SERVICE_LIMIT) {
            return RuleResult.TOO_MANY;
        }
        VirtualService service = new VirtualService(id, settings, scheduler);
        setEngine(service, settings);
        services.add(service);
        return RuleResult.DONE;
    }

    RuleResult editService(ServiceId id, ServiceSettings settings) {
        VirtualService service = services.get(id);
        if (service == null) {
            return RuleResult.NO_SERVICE;
        }
        RuleResult checked = check(id, settings);
        if (checked != RuleResult.DONE) {
            return checked;
        }
        if (!hasEngine(settings)) {
            return RuleResult.NO_SCHEDULER;
        }
        if (settings.scheduler().equals(service.settings().scheduler())) {
            service.configure(settings, service.scheduler());
            service.scheduler().serviceEdited(service);
            setEngine(service, settings);
            return RuleResult.DONE;
        }
        Scheduler scheduler = catalog.create(settings.scheduler(), sysctls, random);
        if (scheduler == null) {
            return RuleResult.NO_SCHEDULER;
        }
        service.configure(settings, scheduler);
        SchedulerCatalog.adopt(scheduler, service);
        setEngine(service, settings);
        return RuleResult.DONE;
    }

    private boolean hasEngine(ServiceSettings settings) {
        String name = settings.persistenceEngine();
        return name == null || catalog.persistenceEngine(name) != null;
    }

    // An engine is taken by any service, as the kernel takes it: whether there is something for it
    // to find shows with each packet.
    private void setEngine(VirtualService service, ServiceSettings settings) {
        String name = settings.persistenceEngine();
        PersistenceEngine engine = name == null ? null : catalog.persistenceEngine(name);
        if (engine != null) {
            persistenceData.prepare();
        }
        outwardServers.changed(service.persistenceEngine());
        service.setPersistenceEngine(engine);
        outwardServers.changed(engine);
    }

    private RuleResult check(ServiceId id, ServiceSettings settings) {
        if (!id.isMark() && !unicast(id.address())) {
            return RuleResult.INVALID;
        }
        return divided && settings.persistent() && !settings.rememberAddresses(id.address().ipv6())
                ? RuleResult.NEEDS_ONE_WORKER
                : RuleResult.DONE;
    }

    private static boolean unicast(IpAddress address) {
        if (address.ipv6()) {
            return address.high() >>> 56 != 0xff && (address.high() != 0 || address.low() != 0);
        }
        int first = address.v4() >>> 24;
        return first != 0 && first < 224;
    }

    RuleResult deleteService(ServiceId id) {
        VirtualService service = services.get(id);
        if (service == null) {
            return RuleResult.NO_SERVICE;
        }
        services.remove(service);
        for (RealServer server : service.allServers()) {
            natEndpoints.remove(server);
            servers.retire(server, service);
        }
        outwardServers.changed(service.persistenceEngine());
        return RuleResult.DONE;
    }

    RuleResult addServer(ServiceId serviceId, ServerId id, ServerSettings settings) {
        VirtualService service = services.get(serviceId);
        if (service == null) {
            return RuleResult.NO_SERVICE;
        }
        RuleResult checked = check(serviceId, id, settings);
        if (checked != RuleResult.DONE) {
            return checked;
        }
        if (service.server(id) != null) {
            return RuleResult.SERVER_EXISTS;
        }
        RealServer server = servers.create(service, id, settings);
        if (server == null) {
            return RuleResult.TOO_MANY;
        }
        service.add(server);
        natEndpoints.add(server);
        outwardServers.changed(service.persistenceEngine());
        return RuleResult.DONE;
    }

    RuleResult editServer(ServiceId serviceId, ServerId id, ServerSettings settings) {
        VirtualService service = services.get(serviceId);
        if (service == null) {
            return RuleResult.NO_SERVICE;
        }
        RuleResult checked = check(serviceId, id, settings);
        if (checked != RuleResult.DONE) {
            return checked;
        }
        RealServer server = service.server(id);
        if (server == null) {
            return RuleResult.NO_SERVER;
        }
        natEndpoints.remove(server);
        server.configure(settings);
        natEndpoints.add(server);
        outwardServers.changed(service.persistenceEngine());
        if (!server.draining()) {
            service.scheduler().serverEdited(service, server);
        }
        return RuleResult.DONE;
    }

    private static RuleResult check(ServiceId serviceId, ServerId id, ServerSettings settings) {
        if (settings.weight() < 0 || settings.lowerThreshold() > settings.upperThreshold()) {
            return RuleResult.OUT_OF_RANGE;
        }
        boolean tunnel = settings.method() == ForwardingMethod.TUNNEL;
        // GUE has a port of its own and no default. Only an outer header can be of another family
        // than the packet.
        boolean portMissing =
                settings.tunnel().type() == TunnelSettings.Type.GUE
                        && settings.tunnel().port() == 0;
        boolean otherFamily = id.address().ipv6() != serviceId.address().ipv6();
        if (tunnel ? portMissing : otherFamily) {
            return RuleResult.INVALID;
        }
        return unicast(id.address()) ? RuleResult.DONE : RuleResult.INVALID;
    }

    RuleResult deleteServer(ServiceId serviceId, ServerId id) {
        VirtualService service = services.get(serviceId);
        if (service == null) {
            return RuleResult.NO_SERVICE;
        }
        RealServer server = service.server(id);
        if (server == null) {
            return RuleResult.NO_SERVER;
        }
        service.remove(server);
        natEndpoints.remove(server);
        outwardServers.changed(service.persistenceEngine());
        servers.retire(server, service);
        return RuleResult.DONE;
    }

    RuleResult drainServer(ServiceId serviceId, ServerId id, boolean draining) {
        VirtualService service = services.get(serviceId);
        if (service == null) {
            return RuleResult.NO_SERVICE;
        }
        RealServer server = service.server(id);
        if (server == null) {
            return RuleResult.NO_SERVER;
        }
        service.drain(server, draining);
        outwardServers.changed(service.persistenceEngine());
        return RuleResult.DONE;
    }

    RuleResult expelServer(ServiceId serviceId, ServerId id) {
        VirtualService service = services.get(serviceId);
        RealServer server = service == null ? null : service.server(id);
        RuleResult result = deleteServer(serviceId, id);
        if (result == RuleResult.DONE && server != null) {
            server.setExpelled(true);
        }
        return result;
    }

    void clear() {
        for (VirtualService service : services.all()) {
            deleteService(service.id());
        }
    }

    RuleResult zero(@Nullable ServiceId id) {
        if (id == null) {
            services.all().forEach(Rules::zero);
            return RuleResult.DONE;
        }
        VirtualService service = services.get(id);
        if (service == null) {
            return RuleResult.NO_SERVICE;
        }
        zero(service);
        return RuleResult.DONE;
    }

    private static void zero(VirtualService service) {
        service.counters().zero();
        for (RealServer server : service.allServers()) {
            server.counters().zero();
        }
    }
}
