package io.weir.dataplane.director;

import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.VirtualService;

import java.util.ArrayList;
import java.util.List;

/**
 * A service and the servers that it had at one moment, for whoever goes through them later or on
 * another thread. To take it costs the worker a few nanoseconds, however many servers there are:
 * the arrays of a service are replaced and never changed.
 */
public final class ServiceServers {
    private final VirtualService service;
    private final RealServer[] scheduled;
    private final RealServer[] draining;

    /** What a service has now. */
    ServiceServers(VirtualService service) {
        this.service = service;
        this.scheduled = service.servers();
        this.draining = service.draining();
    }

    /** What all services have now. */
    static List<ServiceServers> of(ServiceTable services) {
        List<ServiceServers> taken = new ArrayList<>(services.size());
        for (VirtualService service : services.all()) {
            taken.add(new ServiceServers(service));
        }
        return taken;
    }

    public ServiceId id() {
        return service.id();
    }

    /** The number of servers, draining ones included. */
    int size() {
        return scheduled.length + draining.length;
    }

    /** A server, draining ones last. */
    RealServer get(int i) {
        return i < scheduled.length ? scheduled[i] : draining[i - scheduled.length];
    }

    /**
     * The operator's view of them; any thread. Beside a running worker each number is some value of
     * late, as with all counters.
     */
    public ServiceListing listing() {
        List<ServerListing> listed = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            listed.add(get(i).listing());
        }
        return new ServiceListing(
                service.id(), service.settings(), service.counters().snapshot(), listed);
    }
}
