package io.weir.control.mark;

import java.io.Serial;

/** Mark rules that cannot be had; the message is one line that says what, where and what to do. */
public final class MarkException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    public MarkException(String message) {
        super(message);
    }

    /** The line to print. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
