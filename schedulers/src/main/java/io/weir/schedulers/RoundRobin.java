package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/**
 * rr: the servers in turn, whatever their weight, but none of weight 0 and none overloaded.
 *
 * <p>Adding a server does not restart the round; it waits for the next pass over the head of the
 * list (recorded: sched-rr-edit-1).
 */
final class RoundRobin implements Scheduler {
    static final String NAME = "rr";

    private static final int HEAD = -1;

    // The server picked last and its place in the list; null and HEAD before the first pick.
    private @Nullable RealServer last;
    private int place = HEAD;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        RealServer[] servers = service.servers();
        int candidate = place;
        for (int tried = 0; tried < servers.length; tried++) {
            candidate = candidate + 1 < servers.length ? candidate + 1 : 0;
            if (servers[candidate].eligible()) {
                last = servers[candidate];
                place = candidate;
                return last;
            }
        }
        return null;
    }

    @Override
    public void serverAdded(VirtualService service, RealServer server) {
        RealServer[] servers = service.servers();
        place = HEAD;
        for (int i = 0; i < servers.length; i++) {
            if (servers[i] == last) {
                place = i;
            }
        }
    }

    @Override
    public void serverRemoved(VirtualService service, RealServer server) {
        RealServer[] servers = service.servers();
        if (server == last) {
            // The one before it, which has kept its place, counts as picked last.
            place--;
            last = place == HEAD ? null : servers[place];
        } else if (place != HEAD && (place >= servers.length || servers[place] != last)) {
            place--;
        }
    }
}
