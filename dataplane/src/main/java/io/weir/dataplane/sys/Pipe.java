package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A pipe (pipe(2)) whose ends are given to others by the names that /proc has for them: whoever
 * opens such a name while the pipe is open has that end for himself. Child processes do not inherit
 * it.
 */
public final class Pipe implements AutoCloseable {
    private static final int O_CLOEXEC = 0x80000;
    private static final MethodHandle PIPE2 = Downcall.link("pipe2", JAVA_INT, JAVA_LONG, JAVA_INT);

    private final Descriptor readEnd;
    private final Descriptor writeEnd;

    private Pipe(Descriptor readEnd, Descriptor writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    /**
     * Opens one.
     *
     * @param purpose what for, as in {@link SystemCallException}
     */
    public static Pipe open(String purpose) throws SystemCallException {
        MemorySegment state = Downcall.state();
        try (NativeBlock ends = new NativeBlock(2L * Integer.BYTES)) {
            int returned = (int) PIPE2.invokeExact(state, ends.address(), O_CLOEXEC);
            SystemCallException.check(Downcall.result(returned, state), purpose, "pipe2");
            return new Pipe(
                    new Descriptor(Memory.nativeInt(ends.address())),
                    new Descriptor(Memory.nativeInt(ends.address() + Integer.BYTES)));
        } catch (SystemCallException refused) {
            throw refused;
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /** The file to read from. */
    public String readName() {
        return "/proc/self/fd/" + readEnd.number();
    }

    /** The file to write to. */
    public String writeName() {
        return "/proc/self/fd/" + writeEnd.number();
    }

    @Override
    public void close() {
        readEnd.close();
        writeEnd.close();
    }
}
