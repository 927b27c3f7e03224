package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Processes that were started together and are ended together (kill(2)). */
public final class ProcessGroup {
    private static final int SIGKILL = 9;

    private ProcessGroup() {}

    /** Loaded with the first call on a machine that has it. */
    private static final class Call {
        private static final MethodHandle KILL =
                Downcall.link("kill", JAVA_INT, JAVA_INT, JAVA_INT);
    }

    /**
     * Kills every process of a group at once.
     *
     * @param group the number of the process that leads it, or led it before its end; above 1
     * @return 0, or a negated error number: ESRCH if there is none any more
     */
    public static int kill(long group) {
        // kill(0) is the caller's own group, and kill(-1) everybody.
        if (group <= 1 || group > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("process group " + group);
        }
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(
                    (int) Call.KILL.invokeExact(state, (int) -group, SIGKILL), state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }
}
