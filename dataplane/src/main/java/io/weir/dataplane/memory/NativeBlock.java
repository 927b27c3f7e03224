package io.weir.dataplane.memory;

import io.weir.dataplane.sys.Linux;
import io.weir.dataplane.sys.Mapping;
import io.weir.dataplane.sys.SystemCallException;

import java.lang.foreign.Arena;

/**
 * A zeroed block of native memory, reached through {@link Memory} by its {@link #address()}.
 *
 * <p>On Linux the pages of a large block are taken from the system when they are first touched,
 * except in a {@link #table}. Its owner closes it after the last thread that uses it has stopped;
 * an access after that ends the process.
 */
public final class NativeBlock implements AutoCloseable {
    /** Blocks of so many bytes are mapped rather than allocated. */
    private static final long LARGE_BYTES = 2L << 20;

    private final Runnable release;
    private final long address;
    private final long bytes;

    /**
     * Allocates the block.
     *
     * @param bytes its size
     * @throws OutOfMemoryError if the system refuses
     */
    public NativeBlock(long bytes) {
        if (isLarge(bytes)) {
            Mapping mapping = mapped(bytes, false);
            this.release = mapping::close;
            this.address = mapping.address();
        } else {
            Arena arena = Arena.ofShared();
            this.release = arena::close;
            this.address = arena.allocate(bytes, 64).address();
        }
        this.bytes = bytes;
    }

    private NativeBlock(Mapping mapping) {
        this.release = mapping::close;
        this.address = mapping.address();
        this.bytes = mapping.bytes();
    }

    /**
     * Allocates a block that is read and written at random: in huge pages where the system has
     * them, which spares most TLB misses, and with all of its memory from the start. Takes about
     * 0.1 ms for each MiB, several times that where the memory is new to a virtual machine.
     *
     * @throws OutOfMemoryError if the system refuses
     */
    public static NativeBlock table(long bytes) {
        return isLarge(bytes) ? new NativeBlock(mapped(bytes, true)) : new NativeBlock(bytes);
    }

    private static boolean isLarge(long bytes) {
        return bytes >= LARGE_BYTES && Linux.unsupportedReason() == null;
    }

    private static Mapping mapped(long bytes, boolean hugePages) {
        try {
            return hugePages
                    ? Mapping.hugePages(bytes, "a table")
                    : Mapping.anonymous(bytes, "a block of memory");
        } catch (SystemCallException refused) {
            OutOfMemoryError error = new OutOfMemoryError(refused.getMessage());
            error.initCause(refused);
            throw error;
        }
    }

    public long address() {
        return address;
    }

    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        release.run();
    }
}
