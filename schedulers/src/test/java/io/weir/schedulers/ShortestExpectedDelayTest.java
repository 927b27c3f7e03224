package io.weir.schedulers;

import io.weir.dataplane.service.RealServer;

import org.junit.jupiter.api.Test;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

final class ShortestExpectedDelayTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(ShortestExpectedDelay.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compareAmongMany(
                ShortestExpectedDelay.NAME,
                random -> (farm, flow, now) -> model(farm.service.servers()).orElse(null));
    }

    static Optional<RealServer> model(RealServer[] servers) {
        return Stream.of(servers)
                .filter(RealServer::eligible)
                .min(
                        Comparator.comparing(
                                server ->
                                        new Fraction(
                                                server.activeConnections() + 1L, server.weight())));
    }
}
