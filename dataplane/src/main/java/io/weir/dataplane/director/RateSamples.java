package io.weir.dataplane.director;

import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.TrafficCounters;
import io.weir.dataplane.service.VirtualService;

import java.util.List;

/**
 * Takes the samples for the rates of all services and servers, some in each cycle. Every counter
 * has its turn at the same place of each walk, so that two of its samples are a period apart. Owned
 * by the worker.
 */
final class RateSamples {
    /** Samples of one step: a few microseconds each where nothing of a counter is in the cache. */
    static final int STEP = 128;

    private static final RealServer[] NONE = {};

    private final ServiceTable services;
    private final TrafficCounters totals;
    private List<VirtualService> walk = List.of();
    private RealServer[] scheduled = NONE;
    private RealServer[] draining = NONE;
    private int nextService;
    private int nextServer;

    RateSamples(ServiceTable services, TrafficCounters totals) {
        this.services = services;
        this.totals = totals;
    }

    /** Begins a walk; one that is under way ends first. */
    void begin() {
        totals.estimate();
        if (nextService == walk.size() && nextServer == servers()) {
            walk = services.all();
            nextService = 0;
        }
    }

    /** Does one step; returns the samples taken. */
    int step() {
        int taken = 0;
        while (taken < STEP && sample()) {
            taken++;
        }
        return taken;
    }

    private int servers() {
        return scheduled.length + draining.length;
    }

    /** Takes one sample; false if there is nothing left to sample. */
    private boolean sample() {
        if (nextServer < servers()) {
            int i = nextServer - scheduled.length;
            RealServer server = i < 0 ? scheduled[nextServer] : draining[i];
            server.counters().estimate();
            nextServer++;
            return true;
        }
        if (nextService == walk.size()) {
            walk = List.of();
            scheduled = NONE;
            draining = NONE;
            nextService = 0;
            nextServer = 0;
            return false;
        }
        VirtualService service = walk.get(nextService);
        nextService++;
        service.counters().estimate();
        scheduled = service.servers();
        draining = service.draining();
        nextServer = 0;
        return true;
    }
}
