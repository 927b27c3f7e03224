package io.weir.control.lvscf;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * What is written for bytes in texts that go over the network. A text stands for its UTF-8 bytes,
 * of which each becomes one character.
 */
final class Escapes {
    private static final String LETTERS = "nrt\\'\"";
    private static final String REGEX_OPERATORS = "\\[](){}.*+?^$|";
    private static final String MEANINGS = "\n\r\t\\'\"";

    private Escapes() {}

    /**
     * Replaces the pairs that nanny knows: {@code \n \r \t \\ \' \"}. Any other backslash is one
     * (nanny never comes back from such a pair).
     */
    static String nanny(String text) {
        return translate(bytes(text), false);
    }

    /** The same, and {@code \xHH} is the byte of that number. */
    static String extended(String text) {
        return translate(bytes(text), true);
    }

    /** The bytes of a text, each as one character. */
    static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String translate(String text, boolean numbers) {
        StringBuilder result = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int known =
                    c == '\\' && i + 1 < text.length() ? LETTERS.indexOf(text.charAt(i + 1)) : -1;
            if (known >= 0) {
                result.append(MEANINGS.charAt(known));
                i++;
            } else if (numbers && text.startsWith("\\x", i) && isByte(text, i + 2)) {
                result.append((char) Integer.parseInt(text.substring(i + 2, i + 4), 16));
                i += 3;
            } else {
                result.append(c);
            }
        }
        return result.toString();
    }

    private static boolean isByte(String text, int at) {
        return at + 2 <= text.length()
                && Character.digit(text.charAt(at), 16) >= 0
                && Character.digit(text.charAt(at + 1), 16) >= 0;
    }

    /** Writes bytes so that {@link #extended} brings them back, whatever they are. */
    static String write(String bytes) {
        StringBuilder text = new StringBuilder(bytes.length() + 16);
        for (int i = 0; i < bytes.length(); i++) {
            char c = bytes.charAt(i);
            int known = "\n\r\t\\".indexOf(c);
            if (known >= 0) {
                text.append('\\').append(LETTERS.charAt(known));
            } else if (c < ' ' || c > '~' || c == '"') {
                text.append(String.format("\\x%02x", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    /** A regular expression of Java's that matches these bytes, in printable ASCII. */
    static String regex(String bytes) {
        StringBuilder regex = new StringBuilder(bytes.length() + 16);
        for (int i = 0; i < bytes.length(); i++) {
            regex.append(regex(bytes.charAt(i), REGEX_OPERATORS));
        }
        return regex.toString();
    }

    /** One byte in a regular expression, where some characters need a backslash. */
    static String regex(char c, String operators) {
        if (c < ' ' || c > '~' || c == '"') {
            return String.format("\\x%02x", (int) c);
        }
        return operators.indexOf(c) < 0 ? String.valueOf(c) : "\\" + c;
    }

    /** The text that stands for some bytes; as it is if they are not UTF-8. */
    static String text(String bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return bytes;
        }
    }
}
