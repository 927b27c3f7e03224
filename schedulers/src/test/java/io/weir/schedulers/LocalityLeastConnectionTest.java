package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.VirtualService;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

final class LocalityLeastConnectionTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(LocalityLeastConnection.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compareAmongMany(LocalityLeastConnection.NAME, random -> new Homes());
    }

    static boolean overThere(RealServer server, VirtualService service) {
        return server.activeConnections() > server.weight()
                && Stream.of(service.servers())
                        .anyMatch(other -> other.activeConnections() < other.weight() / 2.0);
    }

    @Test
    void forgetsADestinationInAHalfHourlySweep() {
        Farm farm = new Farm(LocalityLeastConnection.NAME, 0, new SplittableRandom(1));
        farm.add("10.2.0.1", 1);
        LocalityLeastConnection scheduler = (LocalityLeastConnection) farm.scheduler();
        long day = 86_400_000;
        scheduler.housekeeping(0);
        farm.pick("192.0.2.1", "10.1.8.1", 0);
        farm.pick("192.0.2.1", "10.1.8.2", day / 2);
        scheduler.housekeeping(day);
        assertThat(scheduler.table().size()).isEqualTo(2);
        scheduler.housekeeping(day + 1_800_000);
        assertThat(scheduler.table().size()).isEqualTo(1);
    }

    @Test
    void aServerThatComesBackAnewGetsItsDestinations() {
        Farm farm = new Farm(LocalityLeastConnection.NAME, 0, new SplittableRandom(1));
        farm.add("10.2.0.1", 1);
        farm.add("10.2.0.2", 1).bindConnection();
        assertThat(farm.pick("192.0.2.1", "10.1.8.1", 0)).isEqualTo(1);
        farm.remove(farm.server("10.2.0.1"));
        ServerId id = new ServerId(Farm.address("10.2.0.1"), Farm.PORT);
        RealServer anew = farm.add(id, Farm.settings(1, 0, 0), false);
        anew.bindConnection();
        anew.bindConnection();
        assertThat(farm.pick("192.0.2.1", "10.1.8.1", 0)).isEqualTo(1);
        assertThat(farm.pick("192.0.2.1", "10.1.8.2", 0)).isEqualTo(2);
    }

    /** Every destination's server by its address, which outlives its removal. */
    private static final class Homes implements RandomRun.Model {
        private final Map<Long, ServerId> homes = new HashMap<>();

        @Override
        public @Nullable RealServer expect(Farm farm, FlowKey flow, long nowMillis) {
            ServerId home = homes.get(flow.virtualLow());
            RealServer server = home == null ? null : farm.service.server(home);
            if (server != null && server.weight() > 0 && !overThere(server, farm.service)) {
                return server;
            }
            server = WeightedLeastConnectionTest.model(farm.service.servers()).orElse(null);
            if (server != null) {
                homes.put(flow.virtualLow(), server.id());
            }
            return server;
        }
    }
}
