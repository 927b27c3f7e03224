package io.weir.control.config;

/** What becomes of a real server whose check fails. */
public enum FailureAction {
    /** It is taken out of the table; its connections lose their server. */
    REMOVE,

    /** It stays with weight 0: its connections and the clients that stick to it go on. */
    QUIESCE
}
