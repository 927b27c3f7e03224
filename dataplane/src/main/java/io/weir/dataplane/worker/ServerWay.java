package io.weir.dataplane.worker;

import io.weir.dataplane.egress.WayOut;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.TrafficCounters;
import io.weir.dataplane.service.VirtualService;

/**
 * What a plain packet needs of its real server, close together: the way there, and what counts
 * packets to and from it. Reused for another server of the same number; owned by the worker.
 */
final class ServerWay extends WayOut {
    private int state;
    private int address;
    private VirtualService service;
    private TrafficCounters counters;

    ServerWay(RealServer server, VirtualService owner) {
        service = owner;
        counters = server.counters();
    }

    /** Notes a server that is in its service, as of a state of everything that it depends on. */
    void set(int ofAddress, int currentState, RealServer server, VirtualService owner) {
        address = ofAddress;
        state = currentState;
        service = owner;
        counters = server.counters();
    }

    /** Whether it is for this address, and nothing has changed since it was set. */
    boolean holds(int ofAddress, int currentState) {
        return address == ofAddress && state == currentState;
    }

    VirtualService service() {
        return service;
    }

    TrafficCounters counters() {
        return counters;
    }
}
