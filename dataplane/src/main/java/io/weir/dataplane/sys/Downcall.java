package io.weir.dataplane.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Links functions of the C library and reads errno after they failed.
 *
 * <p>Plain downcalls, never critical ones: a call that blocks inside a critical downcall would stop
 * every safepoint of the JVM, and beside the kernel's own microsecond the transition is nothing.
 * Pointers are passed as {@code long}, which spares segment objects and their scope checks. errno
 * is captured in the transition itself; read later, the JVM may have overwritten it.
 */
final class Downcall {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET =
            STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");
    private static final ThreadLocal<MemorySegment> STATES =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

    static {
        String reason = Linux.unsupportedReason();
        if (reason != null) {
            throw new UnsupportedOperationException(reason);
        }
    }

    private Downcall() {}

    /** Links a function whose errno is captured into the segment passed as its first argument. */
    static MethodHandle link(String name, MemoryLayout result, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.of(result, arguments), CAPTURE_ERRNO);
    }

    /** Links a variadic function, of whose arguments the first {@code fixed} are named. */
    static MethodHandle linkVariadic(
            String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
        return link(
                name,
                FunctionDescriptor.of(result, arguments),
                CAPTURE_ERRNO,
                Linker.Option.firstVariadicArg(fixed));
    }

    private static MethodHandle link(
            String name, FunctionDescriptor function, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), function, options);
    }

    /** This thread's place for errno. */
    static MemorySegment state() {
        return STATES.get();
    }

    /** The result, or the negated errno of a call that returned -1. */
    static int result(int returned, MemorySegment state) {
        return returned != -1 ? returned : -state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }

    /** The result, or the negated errno of a call that returned -1. */
    static long result(long returned, MemorySegment state) {
        return returned != -1 ? returned : -state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }

    /** A downcall itself throws only if its handle does not fit its call, which is our mistake. */
    static AssertionError mismatch(Throwable cause) {
        return new AssertionError("downcall does not fit its handle", cause);
    }
}
