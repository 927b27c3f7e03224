package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

final class PowerOfTwoChoicesTest {
    @Test
    void picksAsTheModel() {
        RandomRun.compareAmongMany(
                PowerOfTwoChoices.NAME,
                random -> (farm, flow, now) -> expect(farm.service.servers(), random));
    }

    private static @Nullable RealServer expect(RealServer[] servers, RandomGenerator random) {
        List<RealServer> eligible = Stream.of(servers).filter(RealServer::eligible).toList();
        if (eligible.isEmpty()) {
            return null;
        }
        long total = eligible.stream().mapToLong(RealServer::weight).sum();
        RealServer first = at(eligible, random.nextLong(total + 1));
        RealServer second = at(eligible, random.nextLong(total + 1));
        return WeightedLeastConnectionTest.model(first, second).orElseThrow();
    }

    // The server whose stretch of a line, as long as the weights together, has the point.
    private static RealServer at(List<RealServer> servers, long point) {
        long end = 0;
        for (RealServer server : servers) {
            end += server.weight();
            if (point <= end) {
                return server;
            }
        }
        throw new AssertionError(point);
    }

    @Test
    void drawsNobodyOfWeight0() {
        Farm farm = new Farm(PowerOfTwoChoices.NAME, 0, () -> 0);
        for (int i = 1; i <= 2 * ServerIndex.FEWEST; i++) {
            farm.add("10.2.0." + i, i <= ServerIndex.FEWEST ? 1 : 0);
        }
        assertThat(farm.pick()).isEqualTo(ServerIndex.FEWEST);
    }

    @Test
    void sharesByWeight() {
        Farm farm = new Farm(PowerOfTwoChoices.NAME, 0, new SplittableRandom(5));
        RealServer light = farm.add("10.2.0.1", 1);
        RealServer heavy = farm.add("10.2.0.2", 3);
        for (int i = 0; i < 4000; i++) {
            (farm.pick() == 1 ? light : heavy).bindConnection();
        }
        assertThat(light.inactiveConnections()).isBetween(950, 1050);
    }
}
