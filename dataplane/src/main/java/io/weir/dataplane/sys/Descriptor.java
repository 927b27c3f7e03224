package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.NativeBlock;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file descriptor and the duty to close it.
 *
 * <p>{@link #close} may be called from any thread and more than once; whoever uses the number must
 * be sure that it is not closed at that moment.
 */
public final class Descriptor implements AutoCloseable {
    private static final MethodHandle CLOSE = Downcall.link("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle OPEN =
            Downcall.linkVariadic("open", 2, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final int O_CLOEXEC = 0x80000;

    private final int number;
    private final AtomicInteger open = new AtomicInteger(1);

    public Descriptor(int number) {
        this.number = number;
    }

    /** Opens a file for reading; it is closed in child processes. */
    public static Descriptor openForReading(String path, String purpose)
            throws SystemCallException {
        return open(path, 0, purpose);
    }

    /** Opens a file with some flags of open(2); it is closed in child processes. */
    static Descriptor open(String path, int flags, String purpose) throws SystemCallException {
        try (NativeBlock name = CString.of(path)) {
            MemorySegment state = Downcall.state();
            int returned = (int) OPEN.invokeExact(state, name.address(), flags | O_CLOEXEC);
            return new Descriptor(
                    SystemCallException.check(
                            Downcall.result(returned, state), purpose, "open(" + path + ")"));
        } catch (SystemCallException refused) {
            throw refused;
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    public int number() {
        return number;
    }

    @Override
    public void close() {
        if (open.getAndSet(0) == 0) {
            return;
        }
        try {
            // Linux releases the number even when close reports an error, so there is nothing to
            // do.
            int ignored = (int) CLOSE.invokeExact(Downcall.state(), number);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }
}
