package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

final class SourceHashTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(SourceHash.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compare(SourceHash.NAME, random -> SourceHashTest::expect);
    }

    private static @Nullable RealServer expect(Farm farm, FlowKey flow, long nowMillis) {
        List<RealServer> row = new ArrayList<>();
        for (RealServer server : farm.service.servers()) {
            row.addAll(Collections.nCopies(Math.clamp(server.weight(), 1, 256), server));
        }
        if (row.isEmpty()) {
            return null;
        }
        boolean fallback = (farm.service.settings().schedulerFlags() & 1) != 0;
        boolean ports = (farm.service.settings().schedulerFlags() & 2) != 0;
        int hash =
                AddressHashTest.multiplicative(flow.clientLow() + (ports ? flow.clientPort() : 0));
        List<Integer> slots = new ArrayList<>(List.of(hash));
        for (int offset = 0; fallback && offset < 256; offset++) {
            slots.add((offset + hash) % 256 + hash);
        }
        for (int slot : slots) {
            RealServer server = row.get(slot % 256 % row.size());
            if (server.eligible()) {
                return server;
            }
        }
        return null;
    }
}
