package io.weir.control.sync;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Logs the beginning and the end of a daemon's trouble with its sockets, once each. One thread. */
final class Outage {
    private static final Logger LOG = System.getLogger("weir");

    private final String subject;
    private @Nullable String trouble;

    /**
     * No trouble yet.
     *
     * @param subject what has it, as a line of the log begins
     */
    Outage(String subject) {
        this.subject = subject;
    }

    void began(Exception cause) {
        String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (trouble == null) {
            LOG.log(Level.WARNING, subject + ": " + text + "; trying again every second");
        }
        trouble = text;
    }

    void ended() {
        if (trouble != null) {
            LOG.log(Level.INFO, subject + " works again, after: " + trouble);
            trouble = null;
        }
    }
}
