package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/**
 * twos: draws two servers by weight and takes the one with the smaller {@link RealServer#overhead}
 * per weight, the first drawn if they are equal.
 */
final class PowerOfTwoChoices implements Scheduler {
    static final String NAME = "twos";

    private final RandomGenerator random;
    private final ServerIndex index = new ServerIndex();
    private final WeightSums weights = index.with(new WeightSums());

    PowerOfTwoChoices(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        RealServer[] servers = service.servers();
        boolean indexed = index.covers(servers, nowMillis);
        long total = indexed ? weights.total() : total(servers);
        if (total == 0) {
            return null;
        }
        RealServer first = drawn(servers, random.nextLong(total + 1), indexed);
        RealServer second = drawn(servers, random.nextLong(total + 1), indexed);
        if (first == null || second == null) {
            return first;
        }
        RealServer lighter = WeightedLeastConnection.lighter(second, first) ? second : first;
        // Another worker may have brought it to its threshold since the index was renewed.
        return lighter.eligible() ? lighter : WeightedLeastConnection.leastLoaded(servers);
    }

    private static long total(RealServer[] servers) {
        long total = 0;
        for (RealServer server : servers) {
            if (server.eligible()) {
                total += server.weight();
            }
        }
        return total;
    }

    // A draw of 0 also takes the first, which so is a little more likely than its weight; kept as
    // LVS has it.
    private @Nullable RealServer drawn(RealServer[] servers, long draw, boolean indexed) {
        if (indexed) {
            return servers[weights.firstReaching(draw)];
        }
        long rest = draw;
        for (RealServer server : servers) {
            if (server.eligible()) {
                rest -= server.weight();
                if (rest <= 0) {
                    return server;
                }
            }
        }
        return null;
    }
}
