package io.weir.control.sysctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** Any text is settings that the balancer takes, or is refused in one line. */
class SysctlScriptFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "net.ipv4.vs.sloppy_tcp = 1\n-net.ipv4.vs.amemthresh=2048\n",
                        "# comment\n; too\nnet/ipv4/vs/conn_reuse_mode = 1\nnet.core.somaxconn=1\n",
                        "net.ipv4.vs.sync_threshold = 3 50\nnet.ipv4.vs.sync_ports = 4\n",
                        "-net.ipv4.vs.*\n")
                .map(Frames::ascii);
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] input) {
        SysctlScript script;
        try {
            script = SysctlScript.read("file", new String(input, StandardCharsets.ISO_8859_1));
        } catch (SysctlException refused) {
            assertThat(refused.text())
                    .startsWith("file:")
                    .doesNotContain("\n")
                    .doesNotContain("\r");
            return;
        }
        script.applyTo(
                (sysctl, value) -> Sysctl.refusal(sysctl.kernelName(), sysctl.text(value)) == null);
    }
}
