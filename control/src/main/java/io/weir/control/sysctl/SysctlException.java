package io.weir.control.sysctl;

/** One line that says which assignment is wrong, where it stands and what is wrong with it. */
public final class SysctlException extends Exception {
    private static final long serialVersionUID = 1L;

    SysctlException(String message) {
        super(message);
    }

    /** The line to print. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
