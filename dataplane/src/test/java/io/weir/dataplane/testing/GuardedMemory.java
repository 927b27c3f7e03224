package io.weir.dataplane.testing;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.sys.Mapping;
import io.weir.dataplane.sys.SystemCallException;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Places for bytes that end where memory ends: whoever reads or writes a byte behind them kills the
 * process.
 */
public final class GuardedMemory implements AutoCloseable {
    private static final int PAGE = 4096;
    private static final int PROT_NONE = 0;
    private static final MethodHandle MPROTECT =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("mprotect"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT));

    private final Mapping memory;
    private final long slotBytes;

    /**
     * Takes the memory from the system.
     *
     * @param slots how many places
     * @param pages of 4096 bytes that can be used in each
     */
    public GuardedMemory(int slots, int pages) {
        slotBytes = (pages + 1L) * PAGE;
        try {
            memory = Mapping.anonymous(slots * slotBytes, "guarded memory");
        } catch (SystemCallException e) {
            throw new IllegalStateException(e);
        }
        for (int slot = 0; slot < slots; slot++) {
            protect(end(slot));
        }
    }

    private static void protect(long page) {
        try {
            if ((int) MPROTECT.invokeExact(page, (long) PAGE, PROT_NONE) != 0) {
                throw new IllegalStateException("mprotect failed");
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first byte behind a slot, which nobody may touch. */
    public long end(int slot) {
        return memory.address() + (slot + 1L) * slotBytes - PAGE;
    }

    /** Puts bytes at the end of a slot and returns where they begin. */
    public long place(int slot, byte[] bytes) {
        long address = end(slot) - bytes.length;
        Memory.copyIn(bytes, 0, address, bytes.length);
        return address;
    }

    @Override
    public void close() {
        memory.close();
    }
}
