package io.weir.control.check;

/** Whether a real server can serve. */
public enum Health {
    /** No check has ended yet. */
    UNKNOWN,

    /** All checks pass. */
    UP,

    /** A check fails. */
    DOWN
}
