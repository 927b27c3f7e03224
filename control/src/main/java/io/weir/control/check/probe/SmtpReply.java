package io.weir.control.check.probe;

import org.jspecify.annotations.Nullable;

/**
 * One line of a mail server's reply; RFC 5321 §4.2.
 *
 * @param code from 200 to 599
 * @param last no more lines belong to this reply
 */
record SmtpReply(int code, boolean last) {
    private static final int CODE_DIGITS = 3;

    /**
     * Reads a line without its end.
     *
     * @return null if it is no such line
     */
    static @Nullable SmtpReply parse(String line) {
        if (line.length() < CODE_DIGITS || line.charAt(0) < '2' || line.charAt(0) > '5') {
            return null;
        }
        int code = 0;
        for (int i = 0; i < CODE_DIGITS; i++) {
            char digit = line.charAt(i);
            if (digit < '0' || digit > '9') {
                return null;
            }
            code = code * 10 + digit - '0';
        }
        if (line.length() == CODE_DIGITS) {
            return new SmtpReply(code, true);
        }
        return switch (line.charAt(CODE_DIGITS)) {
            case ' ' -> new SmtpReply(code, true);
            case '-' -> new SmtpReply(code, false);
            default -> null;
        };
    }
}
