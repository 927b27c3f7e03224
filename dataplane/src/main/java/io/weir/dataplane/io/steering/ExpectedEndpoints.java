package io.weir.dataplane.io.steering;

import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Bpf;

/**
 * Endpoints of expected and masqueraded connections in the kernel's map, with how often each was
 * taken: open addressing with linear probing in arrays made once. A call that changes the map costs
 * one bpf(2).
 *
 * <p>Any worker. Two of them may take the same endpoint, so they count together, with a lock that
 * is held for a system call where a connection begins or ends, and by nobody who has a packet of
 * another.
 */
final class ExpectedEndpoints implements EndpointSteering {
    /** The most endpoints at one time; two for each data connection, one for a masqueraded one. */
    static final int CAPACITY = 1 << 16;

    private static final int SLOTS = CAPACITY * 2;

    private final int map;

    /** Never given back: the worker may come here once more after the map was closed. */
    private final NativeBlock memory = new NativeBlock(Bpf.ATTRIBUTE_BYTES + 64);

    private final long[] highs = new long[SLOTS];
    private final long[] lows = new long[SLOTS];
    private final int[] ports = new int[SLOTS];
    private final int[] counts = new int[SLOTS];
    private int size;

    ExpectedEndpoints(int map) {
        this.map = map;
    }

    @Override
    public synchronized boolean take(int protocol, Side side, long high, long low, int port) {
        int keyed = keyed(protocol, side, port);
        int slot = find(high, low, keyed);
        if (counts[slot] == 0) {
            if (size == CAPACITY || !write(high, low, keyed)) {
                return false;
            }
            highs[slot] = high;
            lows[slot] = low;
            ports[slot] = keyed;
            size++;
        }
        counts[slot]++;
        return true;
    }

    @Override
    public synchronized void giveBack(int protocol, Side side, long high, long low, int port) {
        int keyed = keyed(protocol, side, port);
        int slot = find(high, low, keyed);
        if (counts[slot] == 0) {
            return;
        }
        counts[slot]--;
        if (counts[slot] == 0) {
            key(high, low, keyed);
            Bpf.deleteKey(map, memory.address(), attribute());
            size--;
            close(slot);
        }
    }

    // The bit of the side stands above the port, the protocol above both.
    private static int keyed(int protocol, Side side, int port) {
        int bit = side == Side.VIRTUAL ? EndpointMap.VIRTUAL : EndpointMap.SERVER;
        return protocol << 24 | bit << 16 | port;
    }

    private static int start(long high, long low, int keyed) {
        long mixed = (high * 31 + low) * 0x9E3779B97F4A7C15L + keyed * 0xD1B54A32D192ED03L;
        return (int) ((mixed * 0x9E3779B97F4A7C15L) >>> 40) & (SLOTS - 1);
    }

    /** The slot of an endpoint, or the free one where it would be; half of all stay free. */
    private int find(long high, long low, int keyed) {
        int slot = start(high, low, keyed);
        while (counts[slot] != 0
                && (highs[slot] != high || lows[slot] != low || ports[slot] != keyed)) {
            slot = slot + 1 & (SLOTS - 1);
        }
        return slot;
    }

    /** Moves entries up that would not be found any more past a slot that became free. */
    private void close(int freed) {
        int free = freed;
        int slot = free + 1 & (SLOTS - 1);
        while (counts[slot] != 0) {
            int wanted = start(highs[slot], lows[slot], ports[slot]);
            if ((slot - wanted & (SLOTS - 1)) >= (slot - free & (SLOTS - 1))) {
                highs[free] = highs[slot];
                lows[free] = lows[slot];
                ports[free] = ports[slot];
                counts[free] = counts[slot];
                counts[slot] = 0;
                free = slot;
            }
            slot = slot + 1 & (SLOTS - 1);
        }
    }

    private boolean write(long high, long low, int keyed) {
        key(high, low, keyed);
        Memory.putNativeInt(value(), keyed >>> 16 & 0xff);
        return Bpf.update(map, memory.address(), value(), attribute()) >= 0;
    }

    private long value() {
        return memory.address() + 32;
    }

    private long attribute() {
        return memory.address() + 64;
    }

    private void key(long high, long low, int keyed) {
        long at = memory.address();
        Memory.putU8(at, keyed >>> 24);
        Memory.putU8(at + EndpointMap.SIDE_OFFSET, keyed >>> 16 & 0xff);
        Memory.putU16(at + EndpointMap.PORT_OFFSET, keyed & 0xffff);
        Memory.putU64(at + EndpointMap.ADDRESS_OFFSET, high);
        Memory.putU64(at + EndpointMap.ADDRESS_OFFSET + Long.BYTES, low);
    }
}
