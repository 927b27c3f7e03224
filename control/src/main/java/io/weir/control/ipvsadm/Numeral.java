package io.weir.control.ipvsadm;

/** Numbers as the C library reads them: blanks and a sign may come first, nothing may follow. */
final class Numeral {
    private Numeral() {}

    /** Reads a decimal number; -1 if it is none or out of range, whose ends are not negative. */
    static long parse(String text, long min, long max) {
        int at = 0;
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
        boolean negative = false;
        if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
            negative = text.charAt(at++) == '-';
        }
        if (at == text.length()) {
            return -1;
        }
        long value = 0;
        for (; at < text.length(); at++) {
            char digit = text.charAt(at);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            // Beyond every range already; more digits would overflow.
            value = value > max ? value : value * 10 + (digit - '0');
        }
        value = negative ? -value : value;
        return value >= min && value <= max ? value : -1;
    }

    /** Reads the digits that a text begins with; 0 if there are none or too many. */
    static int leading(String text) {
        int end = 0;
        while (end < text.length() && isSpace(text.charAt(end))) {
            end++;
        }
        int start = end;
        if (end < text.length() && (text.charAt(end) == '+' || text.charAt(end) == '-')) {
            end++;
        }
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return (int) Math.max(0, parse(text.substring(start, end), 0, Integer.MAX_VALUE));
    }

    static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    static boolean isDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
