package io.weir.schedulers;

import io.weir.dataplane.service.RealServer;

import org.junit.jupiter.api.Test;

final class DestinationHashTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(DestinationHash.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compare(
                DestinationHash.NAME,
                random ->
                        (farm, flow, now) -> {
                            RealServer[] servers = farm.service.servers();
                            if (servers.length == 0) {
                                return null;
                            }
                            int slot = AddressHashTest.multiplicative(flow.virtualLow());
                            RealServer server = servers[slot % servers.length];
                            return server.eligible() ? server : null;
                        });
    }
}
