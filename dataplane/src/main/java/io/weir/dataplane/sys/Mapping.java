package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A region of memory shared with the kernel or taken from it page by page on first touch.
 *
 * <p>Its owner closes it after the last thread that uses it has stopped; an access after that ends
 * the process.
 */
public final class Mapping implements AutoCloseable {
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_POPULATE = 0x8000;

    private static final MethodHandle MMAP =
            Downcall.link(
                    "mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
                    JAVA_LONG);
    private static final MethodHandle MUNMAP =
            Downcall.link("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);

    private final long address;
    private final long bytes;
    private boolean mapped = true;

    private Mapping(long address, long bytes) {
        this.address = address;
        this.bytes = bytes;
    }

    /** Maps what the descriptor offers, such as a packet socket's ring. */
    public static Mapping ofDescriptor(int descriptor, long bytes, String purpose)
            throws SystemCallException {
        return map(bytes, MAP_SHARED | MAP_POPULATE, descriptor, purpose);
    }

    /** Maps zeroed private memory, which costs nothing before it is touched. */
    public static Mapping anonymous(long bytes, String purpose) throws SystemCallException {
        return map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1, purpose);
    }

    private static Mapping map(long bytes, int flags, int descriptor, String purpose)
            throws SystemCallException {
        MemorySegment state = Downcall.state();
        long address;
        try {
            long returned =
                    (long)
                            MMAP.invokeExact(
                                    state, 0L, bytes, PROT_READ_WRITE, flags, descriptor, 0L);
            address = Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
        if (address < 0) {
            throw new SystemCallException(purpose, "mmap of " + bytes + " bytes", (int) -address);
        }
        return new Mapping(address, bytes);
    }

    public long address() {
        return address;
    }

    public long bytes() {
        return bytes;
    }

    @Override
    public synchronized void close() {
        if (!mapped) {
            return;
        }
        mapped = false;
        try {
            // Fails only for arguments that were never mapped.
            int ignored = (int) MUNMAP.invokeExact(Downcall.state(), address, bytes);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }
}
