package io.weir.nat.ftp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.GuardedMemory;
import io.weir.dataplane.testing.LastInput;

import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;

/** Any text: what the operator's parser takes for an address is the same one here. */
class AddressTextFuzzTest {
    private static final int MOST = 4096;
    private static final GuardedMemory MEMORY = new GuardedMemory(1, 1);

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "10.1.0.11",
                        "fd01::11",
                        "::",
                        "::ffff:10.1.0.11",
                        "1:2:3:4:5:6:7:8",
                        "1:2:3:4:5:6:7::",
                        "::2:3:4:5:6:7:8",
                        "1:2:3:4:5:6:1.2.3.4")
                .map(Frames::ascii);
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsTheSameAddress(byte[] input) {
        LastInput.keep(input);
        byte[] text = Arrays.copyOf(input, Math.min(input.length, MOST));
        long at = MEMORY.place(0, text);
        IpAddress expected = IpAddress.parse(new String(text, StandardCharsets.ISO_8859_1));
        for (boolean ipv6 : new boolean[] {false, true}) {
            AddressText address = new AddressText();
            boolean read = address.read(ipv6, at, text.length);
            if (expected != null && expected.ipv6() == ipv6) {
                assertThat(read).isTrue();
                assertThat(new IpAddress(ipv6, address.high(), address.low())).isEqualTo(expected);
            } else if (read && !ipv6) {
                // Zeros before a number are no octal here, and no address for an operator.
                assertThat(new String(text, StandardCharsets.ISO_8859_1))
                        .matches("[0-9]+(\\.[0-9]+){3}");
            }
        }
    }
}
