package io.weir.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.testing.FrameWords;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.stream.LongStream;

class FloorBenchmarkTest {
    // One that forwards, and for NAT one that translates, is what a flow's packet becomes.
    @ParameterizedTest
    @CsvSource({"direct, 10.1.0.100:80", "masquerade, 10.2.0.11:8080"})
    void forwardsAsTheWorkerDoes(String method, String destination) {
        FloorBenchmark floor = floor(method, 1);
        floor.count();
        byte[] sent = floor.sentTo().lastSent();
        assertThat(FrameWords.frame(sent))
                .contains("11.0.0.0:1024 > " + destination + " tcp A")
                .contains("ttl 63")
                .doesNotContain("bad");
        try (ReplayedWorker worker =
                new ReplayedWorker(
                        new ReplayedWorker.Plan(ReplayedMethod.named(method), 1, 64, "rr"))) {
            worker.playOnce(false);
            worker.cycle();
            byte[] expected = worker.servers().lastSent();
            // Which of the servers it is differs: rr begins with the newest.
            if (method.equals("direct")) {
                System.arraycopy(expected, 0, sent, 0, 6);
                assertThat(sent).isEqualTo(expected);
            }
        }
        floor.tearDown();
    }

    @ParameterizedTest
    @CsvSource({"direct, 1000", "masquerade, 1000"})
    void countsEveryPacket(String method, int flows) {
        FloorBenchmark floor = floor(method, flows);
        for (int i = 0; i < 10; i++) {
            floor.count();
        }
        long counted = LongStream.range(0, 100).map(server -> floor.counted((int) server)).sum();
        assertThat(counted).isEqualTo(10L * PacketBurst.CAPACITY);
        assertThat(floor.counted(-1)).isEqualTo(counted);
        assertThat(floor.sentTo().sent()).isEqualTo(counted);
        floor.rewrite();
        assertThat(floor.sentTo().sent()).isEqualTo(counted + PacketBurst.CAPACITY);
        floor.tearDown();
    }

    @ParameterizedTest
    @CsvSource({"direct", "masquerade"})
    void findsWhatItReads(String method) {
        FloorBenchmark floor = floor(method, 100);
        assertThat(floor.frames()).isEqualTo(PacketBurst.CAPACITY);
        assertThat(floor.read()).isNotZero();
        assertThat(floor.find()).isNotZero();
        floor.tearDown();
    }

    private static FloorBenchmark floor(String method, int flows) {
        FloorBenchmark floor = new FloorBenchmark();
        floor.method = method;
        floor.flows = flows;
        floor.setUp();
        return floor;
    }
}
