package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.regex.Pattern;

class PosixRegexTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "HTTP/1.[01] 200;HTTP/1.1 200 OK;true",
                "^HTTP/1\\.[01] (200|302);HTTP/1x0 200;false",
                "ok$;it is ok;true",
                "a{2,3}b;caab;true",
                "a{2,3}b;cab;false",
                "x{;x{;true",
                "[[:digit:]]+ (up|running);12 running;true",
                "[[:upper:]-]x;-x;true",
                "[]a]b;]b;true",
                "[^]a]b;]b;false",
                "[a&&b];&;true",
                "[\\];\\;true",
                "[a\\d];d;true",
                "[a\\d];7;false",
                "[x[y];[;true",
                "[+--];,;true",
                "a*?b;b;true",
                "(a+)+b;aab;true",
                "a++b;aab;true",
                "\\*;*;true",
                "\\#a;#a;true",
                "\\<up\\>;is up;true",
                "\\<up\\>;cup;false",
                "a-b~c;a-b~c;true",
            })
    void findsWhatPosixFinds(String expression, String text, boolean found) throws LvsCfFault {
        String java = PosixRegex.toJava(expression);
        assertThat(Pattern.compile(java, Pattern.DOTALL).matcher(text).find())
                .as(java)
                .isEqualTo(found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                ")",
                "a)",
                "[a",
                "[[:no:]]",
                "[[.a.]]",
                "*a",
                "a|*b",
                "a{2",
                "a{3,2}",
                "a{256}",
                "a\\",
                "[z-a]",
                "[[:",
                "a?????"
            })
    void refusesWhatIsNone(String expression) {
        assertThatThrownBy(() -> PosixRegex.toJava(expression))
                .isInstanceOf(LvsCfFault.class)
                .hasMessageContaining("is not an extended regular expression");
    }
}
