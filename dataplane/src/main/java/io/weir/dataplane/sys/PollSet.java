package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Descriptors of which one thread waits until any is readable (ppoll(2)). Allocates only at birth.
 */
public final class PollSet implements AutoCloseable {
    private static final int POLLIN = 1;
    private static final int POLLERR = 8;
    private static final int ENTRY_BYTES = 8;
    private static final int EVENTS_OFFSET = 4;
    private static final int RETURNED_OFFSET = 6;
    private static final int TIMESPEC_BYTES = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private static final MethodHandle PPOLL =
            Downcall.link("ppoll", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private final int size;
    private final NativeBlock block;
    private final long timeout;

    public PollSet(int... descriptors) {
        size = descriptors.length;
        block = new NativeBlock((long) size * ENTRY_BYTES + TIMESPEC_BYTES);
        timeout = block.address() + (long) size * ENTRY_BYTES;
        for (int i = 0; i < size; i++) {
            Memory.putNativeInt(entry(i), descriptors[i]);
            Memory.putNativeShort(entry(i) + EVENTS_OFFSET, POLLIN);
        }
    }

    private long entry(int index) {
        return block.address() + (long) index * ENTRY_BYTES;
    }

    public int size() {
        return size;
    }

    /**
     * Waits until a descriptor is readable or failed, or until the time is up.
     *
     * @param nanos how long at most; negative for ever
     * @return the number of descriptors with news, 0 when time is up, or a negated error such as
     *     EINTR
     */
    public int await(long nanos) {
        Memory.putNativeLong(timeout, nanos / NANOS_PER_SECOND);
        Memory.putNativeLong(timeout + Long.BYTES, nanos % NANOS_PER_SECOND);
        MemorySegment state = Downcall.state();
        try {
            int returned =
                    (int)
                            PPOLL.invokeExact(
                                    state,
                                    block.address(),
                                    (long) size,
                                    nanos < 0 ? 0L : timeout,
                                    0L);
            return Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /** Tells whether the last wait found this descriptor readable. */
    public boolean isReadable(int index) {
        return (Memory.nativeShort(entry(index) + RETURNED_OFFSET) & POLLIN) != 0;
    }

    /** Tells whether the last wait found an error waiting at this descriptor. */
    public boolean isFailed(int index) {
        return (Memory.nativeShort(entry(index) + RETURNED_OFFSET) & POLLERR) != 0;
    }

    @Override
    public void close() {
        block.close();
    }
}
