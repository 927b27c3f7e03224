package io.weir.dataplane.director;

import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The endpoints of real servers reached by NAT, as a sorted array. It is made anew when it is next
 * asked, not with each change: a restore of ten thousand rules would spend its time on it. Owned by
 * the worker.
 */
final class NatEndpoints {
    private final ServiceTable services;
    private long[] keys = new long[0];
    private boolean stale;

    NatEndpoints(ServiceTable services) {
        this.services = services;
    }

    /** Servers came, went or changed their forwarding method. */
    void changed() {
        stale = true;
    }

    private void rebuild() {
        Set<Endpoint> endpoints = new HashSet<>();
        for (VirtualService service : services.all()) {
            for (RealServer server : service.servers()) {
                Steering.addServer(endpoints, server);
            }
        }
        keys = endpoints.stream().mapToLong(NatEndpoints::key).sorted().toArray();
    }

    boolean contains(int protocol, int address, int port) {
        if (stale) {
            stale = false;
            rebuild();
        }
        return Arrays.binarySearch(keys, key(protocol, address, port)) >= 0;
    }

    private static long key(Endpoint endpoint) {
        return key(endpoint.protocol(), endpoint.address().v4(), endpoint.port());
    }

    private static long key(int protocol, int address, int port) {
        return (address & 0xffffffffL) << 24 | (long) port << 8 | protocol;
    }
}
