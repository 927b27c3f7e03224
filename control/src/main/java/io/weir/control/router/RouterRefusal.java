package io.weir.control.router;

import java.io.Serial;

/** What was asked of a router cannot be done. The message is one line for the operator. */
public final class RouterRefusal extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    public RouterRefusal(String message) {
        super(message);
    }

    RouterRefusal(String message, Throwable cause) {
        super(message, cause);
    }
}
