package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** Any text is an lvs.cf, which is written as it is read, or is refused in lines for a person. */
class LvsCfFuzzTest {
    static Stream<byte[]> seeds() throws IOException {
        return Stream.concat(
                        Stream.of(
                                Reads.sample("nat-marks.cf"),
                                Reads.sample("direct.cf"),
                                Reads.sample("failover.cf")),
                        DirectivesTest.rows().map(DirectiveRow::text))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] input) throws LvsCfException {
        String text = new String(input, StandardCharsets.UTF_8);
        LvsCf.Reading reading;
        try {
            reading = Reads.inspect(text);
        } catch (LvsCfException refused) {
            assertThat(refused.messages()).isNotEmpty().hasSizeLessThan(60);
            assertThat(refused.messages())
                    .allSatisfy(
                            line ->
                                    assertThat(line)
                                            .startsWith("lvs.cf")
                                            .doesNotContain("\n")
                                            .doesNotContain("\r"));
            return;
        }
        String again = reading.document().text();
        assertThat(LvsCfDocument.parse("again", again).text()).isEqualTo(again);
        assertThat(Reads.read(again)).isEqualTo(reading.configuration());
    }
}
