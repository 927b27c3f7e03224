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
        long total = 0;
        for (RealServer server : servers) {
            if (server.eligible()) {
                total += server.weight();
            }
        }
        if (total == 0) {
            return null;
        }
        RealServer first = drawn(servers, random.nextLong(total + 1));
        RealServer second = drawn(servers, random.nextLong(total + 1));
        if (first == null || second == null) {
            return first;
        }
        return WeightedLeastConnection.lighter(second, first) ? second : first;
    }

    // A draw of 0 also takes the first, which so is a little more likely than its weight; kept as
    // LVS has it.
    private static @Nullable RealServer drawn(RealServer[] servers, long draw) {
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
