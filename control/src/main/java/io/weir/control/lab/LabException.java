package io.weir.control.lab;

import java.io.IOException;

/** A lab cannot be built or did not work; the message is one line for the user. */
public final class LabException extends IOException {
    private static final long serialVersionUID = 1L;

    public LabException(String message) {
        super(message);
    }

    public LabException(String message, Throwable cause) {
        super(message, cause);
    }
}
