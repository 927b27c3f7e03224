package io.weir.control.ipvsadm;

/** One line that says where rules are wrong, what stands there and what is wrong with it. */
public final class RuleScriptException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    RuleScriptException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** 2 for a line that makes no sense, 255 for one that the balancer refused. */
    public int exitCode() {
        return exitCode;
    }

    /** The line to print. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
