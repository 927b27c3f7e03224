package io.weir.schedulers;

import io.weir.dataplane.service.RealServer;

import org.junit.jupiter.api.Test;

import java.util.stream.Stream;

final class NeverQueueTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(NeverQueue.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compareAmongMany(
                NeverQueue.NAME,
                random ->
                        (farm, flow, now) ->
                                Stream.of(farm.service.servers())
                                        .filter(RealServer::eligible)
                                        .filter(server -> server.activeConnections() == 0)
                                        .findFirst()
                                        .or(
                                                () ->
                                                        ShortestExpectedDelayTest.model(
                                                                farm.service.servers()))
                                        .orElse(null));
    }
}
