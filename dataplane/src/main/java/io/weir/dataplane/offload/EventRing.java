package io.weir.dataplane.offload;

import io.weir.dataplane.memory.Memory;

/**
 * What the kernel's program tells of segments that it has forwarded and that may change the state
 * of their connection, in memory that it shares with the worker. Nobody is woken by it: the worker
 * looks before it does anything that depends on a connection's state.
 *
 * <pre>
 *   0 events begun (8)   64 the last that may be begun (8)   128 events, 8 bytes each
 * event: bits 0 to 21 the flow's place   22 to 29 TCP flags   30 to 45 source port xor destination
 *        port, as read from the header   46 to 63 how often the ring has been gone round, from 1
 * </pre>
 *
 * <p>Whoever writes an event takes the next number by an atomic addition and then writes the event
 * in one piece; its highest bits say that it is there. Where the worker is so far behind that the
 * last number is reached, a segment is not forwarded but comes to the worker.
 *
 * <p>Owned by the worker, but for the events and their number, which the program writes.
 */
public final class EventRing {
    /** No event. */
    public static final long NONE = 0;

    /** The logarithm of the number of events to the base 2. */
    public static final int BITS = 14;

    public static final int CAPACITY = 1 << BITS;
    public static final int EVENT_BYTES = 8;

    public static final int BEGUN = 0;
    public static final int LAST = 64;
    public static final int EVENTS = 128;

    public static final int FLAGS_SHIFT = 22;
    public static final int PORTS_SHIFT = 30;
    public static final int LAP_SHIFT = 46;

    /** The memory that it needs. */
    public static final int BYTES = EVENTS + CAPACITY * EVENT_BYTES;

    /**
     * As many may wait. Between a look at the last number and taking the next one there may be a
     * program on each processor: the rest of the ring is for these.
     */
    static final int MOST_WAITING = CAPACITY * 3 / 4;

    private static final long LAP_MASK = (1L << (Long.SIZE - LAP_SHIFT)) - 1;
    private static final int PLACE_MASK = (1 << FLAGS_SHIFT) - 1;
    private static final int FLAGS_MASK = 0xff;
    private static final int PORTS_MASK = 0xffff;

    private final long memory;
    private long taken;

    /**
     * An empty ring.
     *
     * @param memory {@link #BYTES} of zeroed memory, aligned to a cache line
     */
    public EventRing(long memory) {
        this.memory = memory;
        makeRoom();
    }

    /** Takes the next event; {@link #NONE} if there is none. */
    public long take() {
        long at = memory + EVENTS + (taken & (CAPACITY - 1)) * EVENT_BYTES;
        long event = Memory.longAcquire(at);
        if (event >>> LAP_SHIFT != lap(taken)) {
            return NONE;
        }
        taken++;
        return event;
    }

    /** Lets as many events follow as have been taken. */
    public void makeRoom() {
        Memory.putLongRelease(memory + LAST, taken + MOST_WAITING);
    }

    /** Writes an event as the program does; false if there is no room for it. */
    public boolean put(int place, int tcpFlags, int ports) {
        long number = Memory.nativeLong(memory + BEGUN);
        if (number > Memory.nativeLong(memory + LAST)) {
            return false;
        }
        Memory.putNativeLong(memory + BEGUN, number + 1);
        long at = memory + EVENTS + (number & (CAPACITY - 1)) * EVENT_BYTES;
        Memory.putLongRelease(
                at,
                place
                        | (long) tcpFlags << FLAGS_SHIFT
                        | (long) check(ports) << PORTS_SHIFT
                        | lap(number) << LAP_SHIFT);
        return true;
    }

    private static long lap(long number) {
        return ((number >>> BITS) + 1) & LAP_MASK;
    }

    /** The flow's place. */
    public static int place(long event) {
        return (int) event & PLACE_MASK;
    }

    /** The TCP flags byte. */
    public static int tcpFlags(long event) {
        return (int) (event >>> FLAGS_SHIFT) & FLAGS_MASK;
    }

    /**
     * Whether an event is of a flow with these ports. A program that stood still for long may tell
     * of a flow that has left its place to another one.
     *
     * @param ports the source port in the upper half, the destination port in the lower
     */
    public static boolean isOf(long event, int ports) {
        return ((int) (event >>> PORTS_SHIFT) & PORTS_MASK) == check(ports);
    }

    // As the program has it, which does not turn the bytes of a header round.
    private static int check(int ports) {
        int pair = Integer.reverseBytes(ports);
        return (pair ^ pair >>> Short.SIZE) & PORTS_MASK;
    }
}
