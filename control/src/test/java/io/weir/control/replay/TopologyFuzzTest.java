package io.weir.control.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Any topology.json makes a host, or is refused in one line that names it. */
class TopologyFuzzTest {
    @TempDir static Path directory;

    static Stream<byte[]> seeds() {
        return Stream.of(
                        """
                        {"interfaces": [{"name": "cli", "mac": "02:00:00:00:00:01", "mtu": 1500,
                                         "addrs": ["10.1.0.1/24", "fd01::1/64"]}],
                         "routes": [{"dst": "0.0.0.0/0", "via": "10.1.0.254", "dev": "cli"},
                                    {"dst": "fd09::/16", "type": "local"}],
                         "neighbours": [{"if": "cli", "ip": "10.1.0.11", "mac": "02:00:00:00:01:0b"}],
                         "marks": [{"proto": "tcp", "daddr": "10.1.0.100/32", "dport": 80, "mark": 1}],
                         "sysctls_set": {"sloppy_tcp": 1}, "ip_forward": 1}
                        """,
                        "{}",
                        "[1]")
                .map(Frames::ascii);
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] input) throws IOException {
        Path file = Files.write(directory.resolve("topology.json"), input);
        Topology topology;
        try {
            topology = Topology.read(file);
        } catch (ReplayException refused) {
            assertThat(refused.getMessage()).startsWith(file.toString()).doesNotContain("\n");
            return;
        }
        try (VirtualHost host = new VirtualHost(16, 2048, true, topology.marks(), 0)) {
            host.connect(topology);
            topology.sysctls().forEach(host::set);
        }
    }
}
