package io.weir.control.doctor;

/**
 * What an examination has found.
 *
 * @param subject what it is about, as an interface or a real server
 * @param what one sentence without a full stop
 * @param remedy what to do about it; empty if there is nothing to do
 */
public record Finding(Severity severity, String subject, String what, String remedy) {
    /** How bad it is, the worst first. */
    public enum Severity {
        /** Traffic is lost. */
        PROBLEM,

        /** Traffic may be lost, or will be in a failover. */
        WARNING,

        /** Worth knowing. */
        NOTE,

        /** Looked at and found good. */
        FINE
    }

    static Finding problem(String subject, String what, String remedy) {
        return new Finding(Severity.PROBLEM, subject, what, remedy);
    }

    static Finding warning(String subject, String what, String remedy) {
        return new Finding(Severity.WARNING, subject, what, remedy);
    }

    static Finding note(String subject, String what, String remedy) {
        return new Finding(Severity.NOTE, subject, what, remedy);
    }

    static Finding fine(String subject, String what) {
        return new Finding(Severity.FINE, subject, what, "");
    }
}
