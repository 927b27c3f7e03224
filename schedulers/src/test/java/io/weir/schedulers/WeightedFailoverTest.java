package io.weir.schedulers;

import io.weir.dataplane.service.RealServer;

import org.junit.jupiter.api.Test;

import java.util.Comparator;
import java.util.stream.Stream;

final class WeightedFailoverTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(WeightedFailover.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compareAmongMany(
                WeightedFailover.NAME,
                random ->
                        (farm, flow, now) ->
                                Stream.of(farm.service.servers())
                                        .filter(RealServer::eligible)
                                        .min(Comparator.comparingInt(server -> -server.weight()))
                                        .orElse(null));
    }
}
