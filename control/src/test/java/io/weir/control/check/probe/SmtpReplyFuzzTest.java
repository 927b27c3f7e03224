package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Any line is a reply or none, as an expression from RFC 5321 §4.2 says. */
final class SmtpReplyFuzzTest {
    private static final Pattern LINE = Pattern.compile("([2-5][0-9]{2})([- ].*)?", Pattern.DOTALL);

    static Stream<byte[]> seeds() {
        return Stream.of("220 mail.example.com ESMTP", "250-SIZE 1000", "354", "199 early", "2200")
                .map(Frames::ascii);
    }

    @MethodSource("seeds")
    @FuzzTest
    void linesAreUnderstoodOrRefused(byte[] bytes) {
        String line = new String(bytes, StandardCharsets.ISO_8859_1);
        SmtpReply reply = SmtpReply.parse(line);
        Matcher model = LINE.matcher(line);
        if (!model.matches()) {
            assertThat(reply).isNull();
            return;
        }
        boolean more = model.group(2) != null && model.group(2).startsWith("-");
        assertThat(reply).isEqualTo(new SmtpReply(Integer.parseInt(model.group(1)), !more));
    }
}
