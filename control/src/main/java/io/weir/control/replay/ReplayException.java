package io.weir.control.replay;

/** A scenario or capture cannot be replayed; the message says which, where and why. */
public final class ReplayException extends Exception {
    private static final long serialVersionUID = 1L;

    public ReplayException(String message) {
        super(message);
    }
}
