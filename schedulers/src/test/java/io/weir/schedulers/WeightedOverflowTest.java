package io.weir.schedulers;

import io.weir.dataplane.service.RealServer;

import org.junit.jupiter.api.Test;

import java.util.Comparator;
import java.util.stream.Stream;

final class WeightedOverflowTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(WeightedOverflow.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compareAmongMany(
                WeightedOverflow.NAME,
                random ->
                        (farm, flow, now) ->
                                Stream.of(farm.service.servers())
                                        .filter(RealServer::eligible)
                                        .filter(s -> s.activeConnections() <= s.weight())
                                        .min(Comparator.comparingInt(server -> -server.weight()))
                                        .orElse(null));
    }
}
