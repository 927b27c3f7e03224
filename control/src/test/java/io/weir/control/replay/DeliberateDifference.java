package io.weir.control.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Where weir's frames differ from the recorded kernel's on purpose (docs/differences.md): which of
 * weir's frames may stand where the kernel has another one, or none. Everything else must agree.
 */
enum DeliberateDifference {
    /** A 227 reply that the server sends again is translated as the first time. */
    REPEATED_227 {
        @Override
        boolean replaces(String kernel, String weir) {
            return weir.startsWith("out cli ")
                    && text(weir).matches("(?s).*227 .*\\(10,1,0,.*")
                    && text(kernel).matches("(?s).*227 .*\\(10,2,0,.*");
        }
    },

    /**
     * ICMPv6 errors from the servers' side are checked as RFC 4443 has it and translated; the
     * kernel drops them unless a network card has vouched for their checksum.
     */
    SERVERS_ICMPV6_ERRORS {
        @Override
        boolean adds(String weir) {
            byte[] frame = bytes(weir);
            return weir.startsWith("out cli ")
                    && u16(frame, 12) == 0x86dd
                    && frame[20] == 58
                    && frame[54] > 0
                    && frame[54] <= 4;
        }
    };

    /** Which difference a recording shows, and how often. */
    private record Known(DeliberateDifference difference, int frames) {}

    private static final Map<String, Known> BY_SCENARIO =
            Map.of(
                    "ftp-nat-1", new Known(REPEATED_227, 1),
                    "ftp-nat-2", new Known(REPEATED_227, 1),
                    "ipv6-icmp-1", new Known(SERVERS_ICMPV6_ERRORS, 6));

    /** Whether this frame may stand where the kernel has that other one. */
    boolean replaces(String kernel, String weir) {
        return false;
    }

    /** Whether this frame may stand where the kernel has none. */
    boolean adds(String weir) {
        return false;
    }

    /** The kernel's frames, with weir's put in where they differ on purpose and as often. */
    static List<String> applied(String scenario, List<String> kernel, List<String> weir) {
        Known known = BY_SCENARIO.get(scenario);
        if (known == null) {
            return kernel;
        }
        List<String> expected = new ArrayList<>();
        int at = 0;
        int differing = 0;
        for (String frame : kernel) {
            while (at < weir.size()
                    && !weir.get(at).equals(frame)
                    && known.difference.adds(weir.get(at))) {
                expected.add(weir.get(at++));
                differing++;
            }
            boolean replaced = at < weir.size() && known.difference.replaces(frame, weir.get(at));
            expected.add(replaced ? weir.get(at) : frame);
            differing += replaced ? 1 : 0;
            at++;
        }
        assertThat(differing).as(scenario + ": deliberate differences").isEqualTo(known.frames);
        return expected;
    }

    private static String text(String words) {
        return new String(bytes(words), StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String words) {
        return HexFormat.of().parseHex(words.substring(words.lastIndexOf(' ') + 1));
    }

    private static int u16(byte[] frame, int at) {
        return (frame[at] & 0xff) << 8 | (frame[at + 1] & 0xff);
    }
}
