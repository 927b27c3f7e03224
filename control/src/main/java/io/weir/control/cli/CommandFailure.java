package io.weir.control.cli;

import java.io.Serial;

/**
 * A command could not do its work for a reason outside the program: a bad file, a missing interface
 * or capability. The message is one line that says what, where and what to do.
 */
public final class CommandFailure extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    /**
     * @param message one line for the user, without the program's name
     */
    public CommandFailure(String message) {
        super(message);
    }

    /**
     * @param message one line for the user, without the program's name
     * @param cause where the failure was noticed; not shown
     */
    public CommandFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
