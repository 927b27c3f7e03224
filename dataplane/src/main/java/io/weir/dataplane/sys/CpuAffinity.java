package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** Where threads may run; see sched_setaffinity(2). Each call is about the calling thread. */
public final class CpuAffinity {
    /** Bits of the mask: more CPUs than the kernel can be built for. */
    private static final int MOST_CPUS = 8192;

    private static final int CALLING_THREAD = 0;

    private static final MethodHandle SET =
            Downcall.link("sched_setaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle GET =
            Downcall.link("sched_getaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);

    private CpuAffinity() {}

    /** The numbers of the CPUs that the calling thread may run on, in ascending order. */
    public static List<Integer> allowed() throws SystemCallException {
        try (NativeBlock mask = new NativeBlock(MOST_CPUS / Byte.SIZE)) {
            MemorySegment state = Downcall.state();
            int result;
            try {
                result =
                        Downcall.result(
                                (int)
                                        GET.invokeExact(
                                                state,
                                                CALLING_THREAD,
                                                mask.bytes(),
                                                mask.address()),
                                state);
            } catch (Throwable e) {
                throw Downcall.mismatch(e);
            }
            SystemCallException.check(result, "find the CPUs to run on", "sched_getaffinity");
            List<Integer> allowed = new ArrayList<>();
            for (int cpu = 0; cpu < MOST_CPUS; cpu++) {
                if ((Memory.u8(mask.address() + cpu / Byte.SIZE) & 1 << cpu % Byte.SIZE) != 0) {
                    allowed.add(cpu);
                }
            }
            return allowed;
        }
    }

    /**
     * Keeps the calling thread on one CPU from now on.
     *
     * @throws SystemCallException EINVAL if there is no such CPU or the process may not use it
     */
    public static void pin(int cpu) throws SystemCallException {
        String purpose = "keep a worker on CPU " + cpu;
        if (cpu < 0 || cpu >= MOST_CPUS) {
            throw new SystemCallException(purpose, "sched_setaffinity", Errno.EINVAL);
        }
        try (NativeBlock mask = new NativeBlock(MOST_CPUS / Byte.SIZE)) {
            Memory.fill(mask.address(), mask.bytes(), (byte) 0);
            Memory.putU8(mask.address() + cpu / Byte.SIZE, 1 << cpu % Byte.SIZE);
            MemorySegment state = Downcall.state();
            int result;
            try {
                result =
                        Downcall.result(
                                (int)
                                        SET.invokeExact(
                                                state,
                                                CALLING_THREAD,
                                                mask.bytes(),
                                                mask.address()),
                                state);
            } catch (Throwable e) {
                throw Downcall.mismatch(e);
            }
            SystemCallException.check(result, purpose, "sched_setaffinity");
        }
    }
}
