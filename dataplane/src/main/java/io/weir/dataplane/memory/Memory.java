package io.weir.dataplane.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Access to native memory by absolute address.
 *
 * <p>One segment that spans the address space, held in a constant, lets the JIT compile each access
 * to a single move; frames in a receive ring, in a pool and in a table are all reached the same
 * way. Nothing here checks bounds: callers stay inside the frame because the parser has compared
 * every length with the frame's before anybody reads at that offset.
 *
 * <p>{@code u8/u16/u32/u64} and their {@code put} forms use network byte order, as headers do. The
 * {@code native} forms use the machine's order, for tables and kernel structures. None needs
 * alignment, apart from the acquire and release forms, which need natural alignment.
 */
public final class Memory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final ValueLayout.OfShort NET_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt NET_INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NET_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    /** No process has addresses beyond this: 56 bits are the most that processors translate. */
    private static final long HIGHEST = (1L << 56) - 1;

    private Memory() {}

    /**
     * An address as it is, but in a form in which the JIT sees that it is one: accesses at small
     * constant offsets from it are compiled without a comparison with the segment's size.
     */
    public static long known(long address) {
        return address & HIGHEST;
    }

    public static int u8(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address) & 0xff;
    }

    public static int u16(long address) {
        return ALL.get(NET_SHORT, address) & 0xffff;
    }

    public static int u32(long address) {
        return ALL.get(NET_INT, address);
    }

    public static long u64(long address) {
        return ALL.get(NET_LONG, address);
    }

    public static void putU8(long address, int value) {
        ALL.set(ValueLayout.JAVA_BYTE, address, (byte) value);
    }

    public static void putU16(long address, int value) {
        ALL.set(NET_SHORT, address, (short) value);
    }

    public static void putU32(long address, int value) {
        ALL.set(NET_INT, address, value);
    }

    public static void putU64(long address, long value) {
        ALL.set(NET_LONG, address, value);
    }

    public static int nativeShort(long address) {
        return ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address) & 0xffff;
    }

    public static void putNativeShort(long address, int value) {
        ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) value);
    }

    public static int nativeInt(long address) {
        return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    public static void putNativeInt(long address, int value) {
        ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    public static long nativeLong(long address) {
        return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    public static void putNativeLong(long address, long value) {
        ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    /** Reads an aligned int; later reads of this thread see what its writer released before. */
    public static int intAcquire(long address) {
        return (int) INT.getAcquire(ALL, address);
    }

    /** Writes an aligned int after all earlier writes of this thread. */
    public static void putIntRelease(long address, int value) {
        INT.setRelease(ALL, address, value);
    }

    /** Writes an aligned int if it has this value; false if it has another. */
    public static boolean compareAndSetInt(long address, int expected, int value) {
        return INT.compareAndSet(ALL, address, expected, value);
    }

    /** Reads an aligned long; later reads of this thread see what its writer released before. */
    public static long longAcquire(long address) {
        return (long) LONG.getAcquire(ALL, address);
    }

    /** Writes an aligned long after all earlier reads and writes of this thread. */
    public static void putLongRelease(long address, long value) {
        LONG.setRelease(ALL, address, value);
    }

    /** Copies {@code bytes} bytes; the ranges may overlap. */
    public static void copy(long from, long to, long bytes) {
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }

    public static void fill(long address, long bytes, byte value) {
        ALL.asSlice(address, bytes).fill(value);
    }

    /** Copies a heap array into native memory. */
    public static void copyIn(byte[] from, int offset, long to, int bytes) {
        MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, to, bytes);
    }

    /** Copies native memory into a heap array. */
    public static void copyOut(long from, byte[] to, int offset, int bytes) {
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, offset, bytes);
    }

    /**
     * Copies native memory into a new heap array; for tests, listings and files, not for packets.
     */
    public static byte[] bytes(long from, int bytes) {
        byte[] copy = new byte[bytes];
        copyOut(from, copy, 0, bytes);
        return copy;
    }
}
