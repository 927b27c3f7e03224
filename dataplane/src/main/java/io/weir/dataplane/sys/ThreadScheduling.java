package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * How the kernel chooses when the calling thread runs; see sched_setscheduler(2) and sched(7).
 * Threads and processes that it starts do not inherit it.
 */
public final class ThreadScheduling {
    private static final int CALLING_THREAD = 0;

    /** SCHED_FIFO and SCHED_RESET_ON_FORK of linux/sched.h. */
    private static final int FIRST_IN_FIRST_OUT = 1 | 0x40000000;

    private static final String ADVICE =
            "run as root or grant CAP_SYS_NICE, and in a control group of version 1 set"
                    + " cpu.rt_runtime_us";

    private static final MethodHandle SET =
            Downcall.link("sched_setscheduler", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);

    private ThreadScheduling() {}

    /**
     * Lets the thread run before all others that are not of the real-time classes, until it sleeps.
     *
     * @param priority 1 to 99
     * @throws SystemCallException EPERM without CAP_SYS_NICE, or in a control group of version 1
     *     that has no real-time budget
     */
    public static void realTime(int priority) throws SystemCallException {
        try (NativeBlock parameter = new NativeBlock(Integer.BYTES)) {
            Memory.putNativeInt(parameter.address(), priority);
            MemorySegment state = Downcall.state();
            int result;
            try {
                result =
                        Downcall.result(
                                (int)
                                        SET.invokeExact(
                                                state,
                                                CALLING_THREAD,
                                                FIRST_IN_FIRST_OUT,
                                                parameter.address()),
                                state);
            } catch (Throwable e) {
                throw Downcall.mismatch(e);
            }
            if (result < 0) {
                String purpose = "run a thread with real-time priority " + priority;
                throw new SystemCallException(purpose, "sched_setscheduler", -result, ADVICE);
            }
        }
    }
}
