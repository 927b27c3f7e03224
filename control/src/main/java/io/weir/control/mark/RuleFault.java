package io.weir.control.mark;

import java.io.Serial;

/** What is wrong with one line of rules and what to do; where it stands is its reader's to say. */
public final class RuleFault extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    public RuleFault(String message) {
        super(message);
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
