package io.weir.dataplane.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A zeroed block of native memory, reached through {@link Memory} by its {@link #address()}.
 *
 * <p>Its owner closes it after the last thread that uses it has stopped; an access after that ends
 * the process.
 */
public final class NativeBlock implements AutoCloseable {
    private static final long HUGE_PAGE_BYTES = 2L << 20;

    private final Arena arena;
    private final long address;
    private final long bytes;

    /**
     * Allocates the block.
     *
     * @param bytes its size; blocks of 2 MiB and more start on a huge-page boundary
     * @throws OutOfMemoryError if the system refuses
     */
    public NativeBlock(long bytes) {
        this.arena = Arena.ofShared();
        this.bytes = bytes;
        MemorySegment segment =
                arena.allocate(bytes, bytes >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : 64);
        this.address = segment.address();
    }

    public long address() {
        return address;
    }

    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        arena.close();
    }
}
