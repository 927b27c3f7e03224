package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.ConnectionLayout.*;

import io.weir.dataplane.memory.Memory;

/**
 * The fields of an entry by the {@linkplain ConnectionTable#line address of its line}, for who
 * needs several of them: found by the slot, each costs the line's address anew. The worker alone
 * writes.
 */
public final class ConnectionLine {
    private ConnectionLine() {}

    /** State, flags and more, see {@link ConnectionTable#condition}. */
    public static long condition(long line) {
        return Memory.nativeLong(line + SERVER_PORT);
    }

    /** The server's IPv4 address, or the digest of the IPv6 one. */
    public static int server(long line) {
        return Memory.nativeInt(line + SERVER);
    }

    public static int serverNumber(long line) {
        return Memory.nativeInt(line + SERVER_NUMBER);
    }

    /** The virtual IPv4 address, or the digest of the IPv6 one. */
    public static int virtual(long line) {
        return Memory.nativeInt(line + VIRTUAL);
    }

    public static int virtualPort(long line) {
        return Memory.nativeInt(line + PORTS) & 0xffff;
    }

    /** Counts a packet from the client, see {@link ConnectionTable#packets}. */
    public static void countPacket(long line) {
        int count = Memory.nativeShort(line + PACKETS);
        boolean most = count == ConnectionTable.MOST_PACKETS;
        Memory.putNativeShort(line + PACKETS, most ? ConnectionTable.MANY_PACKETS : count + 1);
    }
}
