package io.weir.dataplane.sys;

import java.io.IOException;

/**
 * The kernel refused a system call. The message is one line: what was to be done, which call failed
 * and how, and what to do about it.
 */
public final class SystemCallException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    /**
     * Describes a failure whose error number says enough.
     *
     * @param purpose what was being done and where: {@code open a packet socket on eth0}
     * @param call the call as a programmer knows it: {@code socket(AF_PACKET)}
     * @param errno the error number, positive
     */
    public SystemCallException(String purpose, String call, int errno) {
        this(purpose, call, errno, Errno.advice(errno));
    }

    /** Describes a failure for which the caller knows better what to do. */
    public SystemCallException(String purpose, String call, int errno, String advice) {
        super(
                "cannot "
                        + purpose
                        + ": "
                        + call
                        + " failed with "
                        + Errno.name(errno)
                        + (advice.isEmpty() ? "" : "; " + advice));
        this.call = call;
        this.errno = errno;
    }

    /** Returns the result of a call, or throws if it is a negated error number. */
    public static int check(int result, String purpose, String call) throws SystemCallException {
        if (result < 0) {
            throw new SystemCallException(purpose, call, -result);
        }
        return result;
    }

    public String call() {
        return call;
    }

    /** The error number, one of {@link Errno}. */
    public int errno() {
        return errno;
    }
}
