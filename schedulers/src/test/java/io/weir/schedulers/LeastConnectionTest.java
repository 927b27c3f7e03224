package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.service.RealServer;

import org.junit.jupiter.api.Test;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.Stream;

final class LeastConnectionTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(LeastConnection.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compareAmongMany(
                LeastConnection.NAME,
                random ->
                        (farm, flow, now) ->
                                Stream.of(farm.service.servers())
                                        .filter(RealServer::eligible)
                                        .min(Comparator.comparingLong(RealServer::overhead))
                                        .orElse(null));
    }

    @Test
    void anActiveConnectionOutweighs255Inactive() {
        Farm farm = new Farm(LeastConnection.NAME, 0, new SplittableRandom(1));
        RealServer inactive = farm.add("10.2.0.2", 1);
        RealServer active = farm.add("10.2.0.1", 1);
        active.bindConnection();
        active.activate();
        for (int i = 0; i < 255; i++) {
            inactive.bindConnection();
        }
        assertThat(farm.pick()).isEqualTo(2);
        inactive.bindConnection();
        assertThat(farm.pick()).as("the first of equals").isEqualTo(1);
    }
}
