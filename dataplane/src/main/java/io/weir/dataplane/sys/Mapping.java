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
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_POPULATE_WRITE = 23;
    private static final long HUGE_PAGE_BYTES = 2L << 20;

    private static final MethodHandle MMAP =
            Downcall.link(
                    "mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
                    JAVA_LONG);
    private static final MethodHandle MUNMAP =
            Downcall.link("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MADVISE =
            Downcall.link("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

    private final long start;
    private final long length;
    private final long address;
    private final long bytes;
    private boolean mapped = true;

    private Mapping(long start, long length, long address, long bytes) {
        this.start = start;
        this.length = length;
        this.address = address;
        this.bytes = bytes;
    }

    /** Maps what the descriptor offers, such as a packet socket's ring. */
    public static Mapping ofDescriptor(int descriptor, long bytes, String purpose)
            throws SystemCallException {
        return ofDescriptor(descriptor, 0, bytes, purpose);
    }

    /**
     * Maps one of several things that the descriptor offers, such as a ring of an AF_XDP socket.
     */
    public static Mapping ofDescriptor(int descriptor, long offset, long bytes, String purpose)
            throws SystemCallException {
        return map(bytes, MAP_SHARED | MAP_POPULATE, descriptor, offset, purpose);
    }

    /** Maps zeroed private memory, which costs nothing before it is touched. */
    public static Mapping anonymous(long bytes, String purpose) throws SystemCallException {
        return map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, purpose);
    }

    /**
     * Maps zeroed private memory in huge pages, as far as the system has them, and takes all of it
     * at once: the first touch of a huge page costs up to milliseconds, which no packet shall wait
     * for.
     */
    public static Mapping hugePages(long bytes, String purpose) throws SystemCallException {
        Mapping whole =
                map(
                        Math.addExact(bytes, HUGE_PAGE_BYTES),
                        MAP_PRIVATE | MAP_ANONYMOUS,
                        -1,
                        0,
                        purpose);
        long address = Math.ceilDiv(whole.start, HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES;
        Mapping aligned = new Mapping(whole.start, whole.length, address, bytes);
        try {
            // Refused by a kernel without huge pages, which is no reason to do without the memory.
            int ignored = aligned.advise(0, bytes, MADV_HUGEPAGE);
            aligned.populate(purpose);
            return aligned;
        } catch (SystemCallException e) {
            aligned.close();
            throw e;
        }
    }

    // One page at a time, so that others who map memory do not wait for all of it.
    private void populate(String purpose) throws SystemCallException {
        for (long at = 0; at < bytes; at += HUGE_PAGE_BYTES) {
            int result = advise(at, Math.min(HUGE_PAGE_BYTES, bytes - at), MADV_POPULATE_WRITE);
            if (result == -Errno.EINVAL) {
                return; // Linux before 5.14: pages come when they are touched
            }
            if (result < 0) {
                throw new SystemCallException(purpose, "madvise of " + bytes + " bytes", -result);
            }
        }
    }

    private int advise(long offset, long count, int advice) {
        MemorySegment state = Downcall.state();
        try {
            int returned = (int) MADVISE.invokeExact(state, address + offset, count, advice);
            return Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    private static Mapping map(long bytes, int flags, int descriptor, long offset, String purpose)
            throws SystemCallException {
        MemorySegment state = Downcall.state();
        long address;
        try {
            long returned =
                    (long)
                            MMAP.invokeExact(
                                    state, 0L, bytes, PROT_READ_WRITE, flags, descriptor, offset);
            address = Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
        if (address < 0) {
            throw new SystemCallException(purpose, "mmap of " + bytes + " bytes", (int) -address);
        }
        return new Mapping(address, bytes, address, bytes);
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
            int ignored = (int) MUNMAP.invokeExact(Downcall.state(), start, length);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }
}
