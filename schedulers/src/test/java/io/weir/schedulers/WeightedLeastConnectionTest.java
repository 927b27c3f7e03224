package io.weir.schedulers;

import io.weir.dataplane.service.RealServer;

import org.junit.jupiter.api.Test;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

final class WeightedLeastConnectionTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(WeightedLeastConnection.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compareAmongMany(
                WeightedLeastConnection.NAME,
                random -> (farm, flow, now) -> model(farm.service.servers()).orElse(null));
    }

    /** The first of those with the least overhead per weight, as exact fractions. */
    static Optional<RealServer> model(RealServer... servers) {
        return Stream.of(servers)
                .filter(RealServer::eligible)
                .min(
                        Comparator.comparing(
                                server -> new Fraction(server.overhead(), server.weight())));
    }

    static Optional<RealServer> model(List<RealServer> servers) {
        return model(servers.toArray(RealServer[]::new));
    }
}
