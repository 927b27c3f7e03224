package io.weir.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.testing.FrameWords;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwarderBenchmarkTest {
    @ParameterizedTest
    @CsvSource({
        "direct, 'IN > 10.1.0.100:80 tcp A'",
        "masquerade, ':8080 tcp A'",
        "masquerade-reply, '10.1.0.100:80 > 11.0.0.0:1024 tcp A'",
        "ipip, ' ipip [IN > 10.1.0.100:80 tcp A'",
        "gue, ':6080 udp len 50 no-checksum'",
        "gue-checksum, ':6080 udp len 50'",
        "gre, ' gre [IN > 10.1.0.100:80 tcp A'",
        "gre-checksum, ' gre checksum [IN > 10.1.0.100:80 tcp A'"
    })
    void rewritesEachTime(String method, String expected) {
        ForwarderBenchmark benchmark = new ForwarderBenchmark();
        benchmark.method = method;
        benchmark.setUp();
        Packet first = benchmark.restoreAlone().get(0);
        String before = words(first);
        for (int i = 0; i < 3; i++) {
            String after = words(benchmark.forward().get(0));
            assertThat(after)
                    .contains(expected.replace("IN", "11.0.0.0:1024"))
                    .doesNotContain("bad");
            assertThat(after.equals(before)).isEqualTo(method.equals("direct"));
            benchmark.restoreAlone();
            assertThat(words(first)).isEqualTo(before);
        }
        benchmark.tearDown();
    }

    // From the IP header on: a forwarder leaves Ethernet addresses alone.
    private static String words(Packet packet) {
        return FrameWords.packet(Memory.bytes(packet.frame() + 14, packet.frameBytes() - 14));
    }
}
