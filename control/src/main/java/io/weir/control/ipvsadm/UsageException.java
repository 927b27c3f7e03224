package io.weir.control.ipvsadm;

/** A command that is refused before it has any effect, or a listing of what is not there. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    static final int NOT_FOUND = 1;
    static final int FAULT = 2;

    /** What the C program returns as -1. */
    static final int FAILURE = 255;

    private static final String HINT = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.";

    private final int exitCode;
    private final boolean endsRestore;

    private UsageException(String message, int exitCode, boolean endsRestore) {
        super(message, null, false, false);
        this.exitCode = exitCode;
        this.endsRestore = endsRestore;
    }

    /** A command line that makes no sense. */
    static UsageException fault(String message) {
        return new UsageException(message, FAULT, true);
    }

    /** A command line that does not begin with a command. */
    static UsageException hint() {
        return new UsageException(HINT, FAILURE, true);
    }

    /** An option behind the command that does not exist or lacks its argument. */
    static UsageException badOption(String message) {
        return new UsageException(message, FAILURE, false);
    }

    /** A service to be listed that does not exist. */
    static UsageException notFound(String message) {
        return new UsageException(message, NOT_FOUND, true);
    }

    String text() {
        return String.valueOf(getMessage());
    }

    int exitCode() {
        return exitCode;
    }

    /** Tells whether the lines after it are left alone, if it came from a line of a restore. */
    boolean endsRestore() {
        return endsRestore;
    }

    boolean isHint() {
        return HINT.equals(getMessage());
    }
}
