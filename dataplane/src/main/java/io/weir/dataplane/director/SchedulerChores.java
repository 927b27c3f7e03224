package io.weir.dataplane.director;

import io.weir.dataplane.service.VirtualService;

import java.util.List;

/** Gives every scheduler its turn for slow work, some in each cycle. Owned by the worker. */
final class SchedulerChores {
    /** Schedulers of one step; most of them have nothing to do. */
    static final int STEP = 256;

    private final ServiceTable services;
    private List<VirtualService> walk = List.of();
    private long nowMillis;
    private int next;

    SchedulerChores(ServiceTable services) {
        this.services = services;
    }

    /** Begins a walk; one that is under way ends first. */
    void begin(long now) {
        if (next == walk.size()) {
            nowMillis = now;
            walk = services.all();
            next = 0;
        }
    }

    /** Does one step; returns how many services it came to. */
    int step() {
        int end = Math.min(walk.size(), next + STEP);
        int begun = next;
        while (next < end) {
            walk.get(next).scheduler().housekeeping(nowMillis);
            next++;
        }
        int done = next - begun;
        if (next == walk.size()) {
            walk = List.of();
            next = 0;
        }
        return done;
    }
}
