package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

final class SipCallIdTest {
    private static final int MARGIN = 64;

    /** What it finds between bytes that would mislead it if it read them; "none" if nothing. */
    private static String find(String message) {
        String found = find(message, "\r\nCall-ID: before\r\n", "\r\nCall-ID: behind@it\r\n");
        assertThat(find(message, "x", "x@")).isEqualTo(found);
        return found;
    }

    private static String find(String message, String before, String behind) {
        byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
        try (NativeBlock block = new NativeBlock(bytes.length + 2L * MARGIN)) {
            long start = block.address() + MARGIN;
            Memory.copyIn(ascii(before), 0, start - before.length(), before.length());
            Memory.copyIn(bytes, 0, start, bytes.length);
            Memory.copyIn(ascii(behind), 0, start + bytes.length, behind.length());
            long found = SipCallId.find(start, bytes.length);
            if (found == SipCallId.NONE) {
                return "none";
            }
            byte[] id = Memory.bytes(start + SipCallId.offset(found), SipCallId.bytes(found));
            return new String(id, StandardCharsets.ISO_8859_1);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String unescape(String text) {
        return text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    BYE sip:bob SIP/2.0\\r\\nCall-ID: 0076beb3@203.0.113.124\\r\\nCSeq: 0 BYE\\r\\n\\r\\n | 0076beb3@203.0.113.124
                    BYE\\r\\ni: 1bc2acfd@203.0.113.68\\r\\n                | 1bc2acfd@203.0.113.68
                    BYE\\r\\nVia: x\\r\\ncall-id:a\\r\\n                    | a
                    BYE\\nCALL-ID:  \\t a@b\\n                             | a@b
                    BYE\\rI \\t:\\ta@b\\r                                  | a@b
                    BYE\\r\\nCall-ID:\\r\\n a@b\\r\\n                      | a@b
                    BYE\\r\\nCall-ID\\r\\n : a@b\\r\\n                     | a@b
                    BYE\\r\\n Call-ID: no\\r\\ni: yes\\r\\n                | yes
                    BYE\\r\\n\\r\\nCall-ID: body\\r\\n                     | body
                    BYE\\r\\nin: no\\r\\ni: yes\\r\\n                      | yes
                    BYE\\r\\nCall-ID: one\\r\\nCall-ID: two\\r\\n          | one
                    """)
    void findsIt(String message, String id) {
        assertThat(find(unescape(message))).isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    NOTIFY without id\\r\\n\\r\\n       | nothing like it
                    Call-ID: a\\r\\n                    | the first line is the request
                    BYE\\r\\nCall-ID: a                 | the line does not end
                    BYE\\r\\nCall-ID: a@b c\\r\\n       | more than one word
                    BYE\\r\\nCall-ID: a \\r\\n          | a blank before the line's end
                    BYE\\r\\nCall-ID: a@\\r\\n          | nothing behind the @
                    BYE\\r\\nCall-ID: a@b@c\\r\\n       | two of them
                    BYE\\r\\nCall-ID a\\r\\ni: b\\r\\n  | a name without a colon ends the search
                    BYE\\r\\nCall-ID:\\r\\ni: b\\r\\n   | so does a line that ends before the value
                    BYE\\r\\nCall-ID                    | it ends inside the header
                    BYE\\r\\ni                          | it ends inside the compact header
                    BYE\\r\\ni:                         | it ends behind the colon
                    """)
    void findsNone(String message, String why) {
        assertThat(find(unescape(message))).as(why).isEqualTo("none");
    }

    @Test
    void anEmptyMessageHasNone() {
        assertThat(find("")).isEqualTo("none");
        assertThat(SipCallId.find(1, -3)).isEqualTo(SipCallId.NONE);
    }

    @Test
    void hasAtMost255Bytes() {
        String longest = "a".repeat(251) + "@host";
        assertThat(longest).hasSize(256);
        assertThat(find("BYE\r\ni: " + longest.substring(1) + "\r\n"))
                .isEqualTo(longest.substring(1));
        assertThat(find("BYE\r\ni: " + longest + "\r\n")).isEqualTo("none");
    }

    private static final Pattern LINE_END = Pattern.compile("\r\n|\r(?!\n)|\n");
    private static final Pattern NAME =
            Pattern.compile(
                    "[Cc][Aa][Ll][Ll]-[Ii][Dd]|[Ii](?=[^A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff])",
                    Pattern.DOTALL);
    private static final Pattern GAP =
            Pattern.compile("[ \t]*(?:(?:\r\n|\r(?!\n)|\n)[ \t]+|(?![ \t\r\n]))");
    private static final String WORD =
            "[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff!\"%()*+,./:<>?\\[\\\\\\]_`{}~-]++";
    private static final Pattern ID = Pattern.compile(WORD + "(?:@" + WORD + "|(?!@))");

    /** The same by regular expressions. */
    private static String model(String message) {
        int from = 0;
        while (true) {
            int value = modelValue(message, from);
            if (value < 0) {
                return "none";
            }
            Matcher id = ID.matcher(message).region(value, message.length());
            if (id.lookingAt() && id.end() > value) {
                boolean ends =
                        id.end() < message.length()
                                && "\r\n".indexOf(message.charAt(id.end())) >= 0;
                return ends && id.end() - value <= 255 ? id.group() : "none";
            }
            from += value;
        }
    }

    private static int modelValue(String message, int from) {
        Matcher lineEnd = LINE_END.matcher(message);
        for (int at = from; at <= message.length() && lineEnd.find(at); at = lineEnd.end() + 1) {
            Matcher part = NAME.matcher(message).region(lineEnd.end(), message.length());
            part.useTransparentBounds(true);
            if (!part.lookingAt()) {
                continue;
            }
            int colon = behindGap(message, part.end());
            return colon < 0 || colon + 1 >= message.length() || message.charAt(colon) != ':'
                    ? -1
                    : behindGap(message, colon + 1);
        }
        return -1;
    }

    private static int behindGap(String message, int at) {
        Matcher gap = GAP.matcher(message).region(at, message.length());
        return gap.lookingAt() ? gap.end() : -1;
    }

    @Test
    void agreesWithRegularExpressionsOnRandomMessages() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.println("random input: -Dweir.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        String[] parts = {
            "\r\n",
            "\r",
            "\n",
            "\r\n",
            "Call-ID",
            "call-iD",
            "i",
            "I",
            ":",
            ":",
            " ",
            "\t",
            "@",
            "a",
            "9",
            "~",
            "'",
            "\u00e9",
            "\u00d7",
            "Via: x",
            "a".repeat(127)
        };
        int found = 0;
        for (int i = 0; i < 100_000; i++) {
            StringBuilder message = new StringBuilder(random.nextBoolean() ? "BYE\r\n" : "");
            int length = random.nextInt(24);
            for (int part = 0; part < length; part++) {
                message.append(
                        random.nextInt(20) == 0
                                ? String.valueOf((char) random.nextInt(256))
                                : parts[random.nextInt(parts.length)]);
            }
            String expected = model(message.toString());
            assertThat(find(message.toString())).as("%s", message).isEqualTo(expected);
            found += expected.equals("none") ? 0 : 1;
        }
        assertThat(found).isGreaterThan(100);
    }
}
