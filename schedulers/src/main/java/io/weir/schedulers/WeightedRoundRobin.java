package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/**
 * wrr: each walk over the list takes every server whose weight reaches the level, and each walk's
 * level is lower than the one before by the greatest common divisor of the weights.
 *
 * <p>The level wraps from the lowest to the highest. A change of the servers sends the walk back to
 * the head and keeps the level where it can (recorded: sched-wrr-edit-1), so a service whose
 * servers were added one by one makes its first walk at the lowest level (sched-wrr-basic-2).
 */
final class WeightedRoundRobin implements Scheduler {
    static final String NAME = "wrr";

    private static final int HEAD = -1;

    private int place = HEAD;
    private int level;
    private int divisor = 1;
    private int highestLevel;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        RealServer[] servers = service.servers();
        int found = next(servers, place + 1);
        if (found < 0) {
            found = highestLevel > 0 && lower(servers) ? next(servers, 0) : -1;
        }
        if (found < 0) {
            return null;
        }
        place = found;
        return servers[found];
    }

    private int next(RealServer[] servers, int from) {
        for (int i = from; i < servers.length; i++) {
            if (servers[i].weight() >= level && servers[i].eligible()) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Goes to the next level that takes a server.
     *
     * <p>Levels in between are skipped at once: walking over each, as the kernel does, would cost
     * 65535 walks while the one server of weight 65535 is overloaded.
     *
     * @return false if no level takes one
     */
    private boolean lower(RealServer[] servers) {
        int heaviest = 0;
        for (RealServer server : servers) {
            if (server.eligible()) {
                heaviest = Math.max(heaviest, server.weight());
            }
        }
        if (heaviest == 0) {
            giveUp();
            return false;
        }
        level -= divisor;
        if (level <= 0) {
            level = highestLevel;
        }
        if (level > heaviest) {
            int steps = (int) (((long) level - heaviest + divisor - 1) / divisor);
            level -= steps * divisor;
        }
        return true;
    }

    // Where the kernel's search ends that found nobody: at the head again, unless it began inside
    // the lowest level's walk.
    private void giveUp() {
        if (place == HEAD || level > divisor) {
            place = HEAD;
            level = highestLevel;
        }
    }

    @Override
    public void serverAdded(VirtualService service, RealServer server) {
        restart(service.servers());
    }

    @Override
    public void serverRemoved(VirtualService service, RealServer server) {
        restart(service.servers());
    }

    @Override
    public void serverEdited(VirtualService service, RealServer server) {
        restart(service.servers());
    }

    private void restart(RealServer[] servers) {
        int common = 0;
        int heaviest = 0;
        for (RealServer server : servers) {
            common = Weights.greatestCommonDivisor(common, server.weight());
            heaviest = Math.max(heaviest, server.weight());
        }
        place = HEAD;
        divisor = Math.max(common, 1);
        highestLevel = heaviest - (divisor - 1);
        if (level > highestLevel || level == 0) {
            level = highestLevel;
        } else if (divisor > 1) {
            level = level / divisor * divisor + 1;
        }
    }
}
