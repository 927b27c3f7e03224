package io.weir.control.push;

import java.io.Serial;

/** A configuration has mistakes; the message has a line for each. */
public final class ConfigurationRefusedException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    public ConfigurationRefusedException(String lines) {
        super(lines);
    }

    public ConfigurationRefusedException(String lines, Throwable cause) {
        super(lines, cause);
    }

    /** The mistakes, a line each. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
