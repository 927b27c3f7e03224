package io.weir.control.lvscf;

import java.util.ArrayList;
import java.util.List;

/**
 * One word of a line.
 *
 * @param text without its quotes
 * @param quoted whether it had some
 */
record Token(String text, boolean quoted) {
    /** As in Piranha's own parser. */
    static final int MOST = 100;

    /**
     * Splits a line at blanks and tabs. A quote at the beginning of a word holds it together up to
     * the next one of its kind; there is no way to write that one inside.
     */
    static List<Token> split(String line) throws LvsCfFault {
        List<Token> tokens = new ArrayList<>();
        int at = 0;
        while (true) {
            while (at < line.length() && isBlank(line.charAt(at))) {
                at++;
            }
            if (at == line.length()) {
                return tokens;
            }
            if (tokens.size() == MOST) {
                throw new LvsCfFault(
                        "there are more than " + MOST + " words; hold some together with quotes");
            }
            int end = end(line, at);
            boolean quoted = isQuote(line.charAt(at));
            tokens.add(
                    new Token(
                            quoted ? line.substring(at + 1, end - 1) : line.substring(at, end),
                            quoted));
            at = end;
        }
    }

    private static int end(String line, int start) throws LvsCfFault {
        char first = line.charAt(start);
        if (isQuote(first)) {
            int close = line.indexOf(first, start + 1);
            if (close < 0) {
                throw new LvsCfFault(
                        "the quote "
                                + first
                                + " is not closed; close it on the same line, and use the other"
                                + " kind of quotes around a text that holds one");
            }
            if (close + 1 < line.length() && !isBlank(line.charAt(close + 1))) {
                throw new LvsCfFault(
                        "a blank is missing behind the closing "
                                + first
                                + "; use the other kind of quotes around a text that holds one");
            }
            return close + 1;
        }
        int end = start;
        while (end < line.length() && !isBlank(line.charAt(end))) {
            end++;
        }
        return end;
    }

    /**
     * Writes a word so that it is read as it is.
     *
     * @throws IllegalArgumentException if it holds a control character, or both kinds of quotes
     */
    static String write(String text) {
        boolean bare =
                !text.isEmpty()
                        && !isQuote(text.charAt(0))
                        && text.charAt(0) != '#'
                        && text.indexOf(' ') < 0
                        && text.indexOf('\t') < 0
                        && !text.equals("{")
                        && !text.equals("}")
                        && !text.equals("=");
        return bare ? printable(text) : quote(text);
    }

    private static String printable(String text) {
        if (text.chars().anyMatch(c -> Character.isISOControl(c) && c != '\t')) {
            throw new IllegalArgumentException("a control character cannot be written");
        }
        return text;
    }

    /**
     * Writes a word in quotes.
     *
     * @throws IllegalArgumentException if it holds a control character, or both kinds of quotes
     */
    static String quote(String text) {
        if (printable(text).indexOf('"') < 0) {
            return '"' + text + '"';
        }
        if (text.indexOf('\'') < 0) {
            return '\'' + text + '\'';
        }
        throw new IllegalArgumentException("a text with both kinds of quotes cannot be written");
    }

    private static boolean isQuote(char c) {
        return c == '"' || c == '\'';
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
