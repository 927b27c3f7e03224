package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Whatever a server says is a load from 0 on, or none. */
final class LoadTextFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        " 10:00:01 up 5 days, 2 users,  load average: 0.08, 0.03, 0.05\n",
                        "Systemlast, load average: 0,08, 0,03, 0,05\n",
                        "host  up 1+02:03, 3 users, load 2.50, 1.00, 0.50\n",
                        "0.75 0.5 0.25 1/99 4711\n",
                        "load".repeat(1000),
                        "load: 99999999999999999999\n")
                .map(Frames::ascii);
    }

    @MethodSource("seeds")
    @FuzzTest
    void anyTextIsALoadOrNone(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        OptionalDouble inLine = LoadText.inLine(text);
        OptionalDouble anywhere = LoadText.anywhere(text);
        inLine.ifPresent(load -> assertThat(load).isBetween(0.0, 1e9));
        anywhere.ifPresent(load -> assertThat(load).isBetween(0.0, 1e9));
        if (inLine.isPresent()) {
            assertThat(text).contains("load");
            assertThat(anywhere).isPresent();
        }
    }
}
