package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.NativeBlock;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A descriptor that any thread can make readable: how a thread is woken out of poll (eventfd(2)).
 */
public final class EventDescriptor implements AutoCloseable {
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;

    private static final MethodHandle EVENTFD =
            Downcall.link("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle EVENTFD_WRITE =
            Downcall.link("eventfd_write", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle EVENTFD_READ =
            Downcall.link("eventfd_read", JAVA_INT, JAVA_INT, JAVA_LONG);

    private final Descriptor descriptor;
    private final NativeBlock value = new NativeBlock(Long.BYTES);
    private boolean closed;

    public EventDescriptor(String purpose) throws SystemCallException {
        MemorySegment state = Downcall.state();
        int result;
        try {
            result =
                    Downcall.result(
                            (int) EVENTFD.invokeExact(state, 0, EFD_CLOEXEC | EFD_NONBLOCK), state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
        descriptor = new Descriptor(SystemCallException.check(result, purpose, "eventfd"));
    }

    public int number() {
        return descriptor.number();
    }

    /** Makes it readable; may be called from any thread, also after it was closed. */
    public synchronized void signal() {
        if (closed) {
            return;
        }
        try {
            // Fails only when 2^64 signals are already waiting, and then it is readable anyway.
            int ignored = (int) EVENTFD_WRITE.invokeExact(Downcall.state(), number(), 1L);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /** Takes all signals back; called by the one thread that waits. */
    public void clear() {
        try {
            // Without a signal it fails with EAGAIN, which is what was wanted.
            int ignored =
                    (int) EVENTFD_READ.invokeExact(Downcall.state(), number(), value.address());
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        descriptor.close();
        value.close();
    }
}
