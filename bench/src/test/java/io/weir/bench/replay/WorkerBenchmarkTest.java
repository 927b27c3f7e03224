package io.weir.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.testing.FrameWords;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That the whole worker really forwards what its benchmarks count. */
class WorkerBenchmarkTest {
    private static final int FLOWS = 200;
    private static final int ROUNDS = 20;

    private static WorkerBenchmark.Replay replay(String method, String order, int newPercent) {
        WorkerBenchmark.Replay replay = new WorkerBenchmark.Replay();
        replay.method = method;
        replay.flows = FLOWS;
        replay.order = order;
        replay.newPercent = newPercent;
        replay.setUp();
        return replay;
    }

    private static void run(WorkerBenchmark.Replay replay) {
        WorkerBenchmark benchmark = new WorkerBenchmark();
        for (int i = 0; i < ROUNDS; i++) {
            assertThat(benchmark.worker(replay)).isGreaterThanOrEqualTo(WorkerBenchmark.PACKETS);
        }
        replay.verify();
    }

    private static String sentToServers(WorkerBenchmark.Replay replay) {
        return FrameWords.frame(replay.replayed().servers().lastSent());
    }

    private static String sentToClients(WorkerBenchmark.Replay replay) {
        return FrameWords.frame(replay.replayed().clients().lastSent());
    }

    @ParameterizedTest
    @CsvSource({
        "direct, ' > 10.1.0.100:80 tcp A '",
        "masquerade, ':8080 tcp A '",
        "ipip, ' ipip [11.0.0.'",
        "gue, ':6080 udp len '",
        "gre, ' gre [11.0.0.'"
    })
    void forwardsToServers(String method, String expected) {
        WorkerBenchmark.Replay replay = replay(method, "uniform", 0);
        run(replay);
        assertThat(sentToServers(replay))
                .startsWith("02:00:00:00:00:02 > 02:00:00:00:02:")
                .contains(expected, "ttl 63")
                .doesNotContain("bad");
        replay.tearDown();
    }

    @Test
    void forwardsRepliesThroughNat() {
        WorkerBenchmark.Replay replay = replay("masquerade", "zipf", 0);
        run(replay);
        assertThat(sentToClients(replay))
                .startsWith("02:00:00:00:00:01 > 02:00:00:00:01:fe 10.1.0.100:80 > 11.0.0.")
                .contains("tcp A")
                .doesNotContain("bad");
        assertThat(replay.replayed().clients().sent())
                .isEqualTo(replay.replayed().servers().received());
        replay.tearDown();
    }

    @Test
    void mixesMethods() {
        WorkerBenchmark.Replay replay = replay("mixed", "uniform", 0);
        long received = replay.replayed().servers().received();
        run(replay);
        assertThat(replay.replayed().servers().received() - received).isEqualTo(ROUNDS * 32);
        assertThat(sentToClients(replay)).contains(" 10.1.0.100:81 > 11.0.0.");
        replay.tearDown();
    }

    @Test
    void newFlowsComeAmongEstablishedOnes() {
        WorkerBenchmark.Replay replay = replay("direct", "uniform", 10);
        int halfOpen = replay.replayed().worker().director().connectionCount() - FLOWS;
        assertThat(halfOpen).isBetween(50_000, 90_000);
        run(replay);
        replay.tearDown();
    }

    @Test
    void portsAloneSendNothing() {
        WorkerBenchmark.Replay replay = replay("masquerade", "uniform", 0);
        long sent = replay.replayed().servers().sent();
        assertThat(new WorkerBenchmark().portsAlone(replay)).isEqualTo(WorkerBenchmark.PACKETS);
        assertThat(replay.replayed().servers().sent()).isEqualTo(sent);
        replay.verify();
        replay.tearDown();
    }

    @Test
    void aLostPacketIsNoticed() {
        WorkerBenchmark.Replay replay = replay("direct", "uniform", 0);
        replay.replayed().worker().director().clear();
        new WorkerBenchmark().worker(replay);
        assertThatThrownBy(replay::verify)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("frames");
        replay.tearDown();
    }
}
