package io.weir.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.FrameWords;

import org.junit.jupiter.api.Test;

class NewConnectionBenchmarkTest {
    private static final int ROUNDS = 30;

    @Test
    void eachPacketBeginsAConnection() {
        NewConnectionBenchmark.Filling filling = new NewConnectionBenchmark.Filling();
        filling.method = "masquerade";
        filling.scheduler = "rr";
        filling.setUp();
        for (int iteration = 0; iteration < 2; iteration++) {
            filling.empty();
            assertThat(connections(filling)).isZero();
            for (int i = 0; i < ROUNDS; i++) {
                new NewConnectionBenchmark().filling(filling);
            }
            assertThat(connections(filling)).isEqualTo(ROUNDS * ReplayPort.FRAMES);
            filling.verify();
        }
        assertThat(FrameWords.frame(filling.replayed.servers().lastSent()))
                .contains(" 16.0.", ":8080 tcp S ")
                .doesNotContain("bad");
        filling.tearDown();
    }

    @Test
    void asManyExpireAsBegin() {
        NewConnectionBenchmark.Steady steady = new NewConnectionBenchmark.Steady();
        steady.method = "direct";
        steady.scheduler = "mh";
        steady.setUp();
        int before = connections(steady);
        assertThat(before).isBetween(500_000, 900_000);
        long sent = steady.replayed.servers().sent();
        while (steady.replayed.servers().sent() < sent + 2L * before) {
            new NewConnectionBenchmark().expiring(steady);
        }
        steady.verify();
        assertThat(connections(steady)).isBetween(before / 2, before * 3 / 2);
        steady.tearDown();
    }

    private static int connections(NewConnectionBenchmark.Arrivals arrivals) {
        return arrivals.replayed.worker().director().connectionCount();
    }
}
