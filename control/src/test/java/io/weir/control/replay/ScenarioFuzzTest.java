package io.weir.control.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.stream.Stream;

/** Any events.jsonl is replayed to its end, or refused in one line that names the file. */
class ScenarioFuzzTest {
    @TempDir static Path directory;

    private static final String TOPOLOGY =
            """
            {"interfaces": [{"name": "cli", "mac": "02:00:00:00:00:02",
                             "addrs": ["10.1.0.1/24", "10.1.0.100/32"]}]}
            """;

    static Stream<byte[]> seeds() {
        byte[] frame = Frames.tcp().from("10.1.0.11", 4000).to("10.1.0.100", 80).syn().bytes();
        return Stream.of(
                        """
                        {"t": 0, "op": "ipvsadm", "args": "-A -t 10.1.0.100:80 -s rr"}
                        {"t": 0.5, "op": "in", "if": "cli", "frame": "%s"}
                        {"t": 0.5, "op": "out", "if": "cli"}

                        {"t": 1, "op": "sysctl", "key": "sloppy_tcp", "value": "1"}
                        {"t": 1.1, "op": "wait", "s": 2}
                        {"t": 3.2, "op": "conns"}
                        {"t": 3.3, "op": "list"}
                        """
                                .formatted(HexFormat.of().formatHex(frame)),
                        "{\"t\": 1e300, \"op\": \"list\"}\n",
                        """
                        {"t": -1e300, "op": "wait", "s": 1e300}
                        {"t": 5, "op": "conns"}
                        """)
                .map(Frames::ascii);
    }

    @MethodSource("seeds")
    @FuzzTest
    void replaysOrRefuses(byte[] input) throws IOException {
        Files.writeString(directory.resolve("topology.json"), TOPOLOGY);
        Files.writeString(directory.resolve("rules"), "-A -u 10.1.0.100:53 -s rr\n");
        Files.write(directory.resolve("events.jsonl"), input);
        try {
            new ScenarioReplay(directory).run(directory.resolve("out"));
        } catch (ReplayException refused) {
            assertThat(refused.getMessage())
                    .startsWith(directory.resolve("events.jsonl") + ":")
                    .doesNotContain("\n");
        }
    }
}
