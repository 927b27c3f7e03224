package io.weir.control.ipvsadm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Any text is a set of rules or is refused in one line, the balancer unchanged; what was read is
 * saved as text that reads as the same rules.
 */
class RuleScriptFuzzTest {
    private static final List<String> SAVE = List.of("-S", "-n");

    static Stream<byte[]> seeds() {
        return Stream.of(
                        """
                        -A -t 10.1.0.100:80 -s wlc -p 300 -M 255.255.255.0
                        -a -t 10.1.0.100:80 -r 10.2.0.11:8080 -m -w 3 -x 100 -y 50
                        -e -t 10.1.0.100:80 -r 10.2.0.11:8080 -i --tun-type gue --tun-port 6080
                        """,
                        """
                        # comment
                        ipvsadm -A -u [fd01::100]:53 -s sh -b sh-port,sh-fallback -o
                        -a -u [fd01::100]:53 -r [fd02::11]:53 -g
                        -E -u [fd01::100]:53 -s mh -b flag-1 --pe sip
                        """,
                        """
                        -A -f 7 -6 -s rr -p
                        -a -f 7 -6 -r [fd02::11] -i --tun-type gre --tun-csum -w 0
                        --set 900 120 300
                        -d -f 7 -6 -r [fd02::11]
                        -D -f 7 -6
                        -C
                        """,
                        "--add-service --sctp-service=10.1.0.100:2905 --scheduler=dh\n")
                .map(Frames::ascii);
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] input) {
        RuleTable table = new RuleTable();
        try {
            String text = new String(input, StandardCharsets.UTF_8);
            RuleScript.read("file", text, Names.NONE).applyTo(table);
        } catch (RuleScriptException refused) {
            assertThat(refused.text())
                    .startsWith("file:")
                    .doesNotContain("\n")
                    .doesNotContain("\r");
            assertThat(refused.exitCode()).isIn(UsageException.FAULT, UsageException.FAILURE);
            assertThat(table.services()).isEmpty();
            return;
        }
        String saved = save(table);
        RuleTable restored = new RuleTable();
        try {
            RuleScript.read("saved", saved, Names.NONE).applyTo(restored);
        } catch (RuleScriptException refused) {
            throw new AssertionError(saved, refused);
        }
        assertThat(save(restored)).isEqualTo(saved);
    }

    private static String save(RuleTable table) {
        Ipvsadm.Outcome outcome = new Ipvsadm(table, Names.NONE).run(SAVE);
        assertThat(outcome.exitCode()).isZero();
        return outcome.output();
    }
}
