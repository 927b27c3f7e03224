package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.ConnectionLayout.*;
import static io.weir.dataplane.flow.ConnectionLines.FLAG_IPV6;
import static io.weir.dataplane.flow.ConnectionLines.FLAG_RETIRED;
import static io.weir.dataplane.flow.ConnectionLines.FLAG_SERVER_IPV6;
import static io.weir.dataplane.flow.ConnectionLines.FLAG_TEMPLATE;
import static io.weir.dataplane.flow.ConnectionLines.FLAG_USED;
import static io.weir.dataplane.flow.ConnectionLines.METHOD_MASK;

import io.weir.dataplane.memory.Memory;

/**
 * The fields of an entry by the {@linkplain ConnectionTable#line address of its line}, for who
 * needs several of them: found by the slot, each costs the line's address anew. The worker alone
 * writes.
 */
public final class ConnectionLine {
    /** Where the protocol is in the word that begins with the server's port. */
    static final int PROTOCOL_SHIFT = Byte.SIZE * (PROTOCOL - SERVER_PORT);

    private static final long CLIENTS_MASK =
            0xffL << PROTOCOL_SHIFT
                    | (long) (FLAG_USED | FLAG_TEMPLATE | FLAG_RETIRED | FLAG_IPV6) << Integer.SIZE;
    private static final long SERVERS_MASK =
            0xffffL
                    | CLIENTS_MASK
                    | (long) (FLAG_SERVER_IPV6 | METHOD_MASK | ReplyOrder.RANK_MASK)
                            << Integer.SIZE;

    /** Of the word that begins with the server's address: without the virtual port. */
    private static final long CLIENT_PORT_MASK = 0xffff_0000_ffff_ffffL;

    private ConnectionLine() {}

    /** Two neighbouring fields of a line as one word; the machine is little endian. */
    static long word(int first, int second) {
        return (first & 0xffff_ffffL) | (long) second << Integer.SIZE;
    }

    /**
     * Whether a client's packets belong to an entry.
     *
     * @param ends the client's address in the lower half, the virtual one in the upper
     * @param ports the client's port in the upper half, the virtual one in the lower
     * @param wanted protocol and flags that it has, as in the word of the server's port
     */
    static boolean isClients(long line, long ends, int ports, long wanted) {
        return Memory.nativeLong(line + CLIENT) == ends
                && Memory.nativeInt(line + PORTS) == ports
                && (Memory.nativeLong(line + SERVER_PORT) & CLIENTS_MASK) == wanted;
    }

    /**
     * Whether a server's packets belong to an entry, which is by NAT.
     *
     * @param server its address in the lower half, the client's port in the uppermost quarter
     * @param wanted port, protocol and flags that it has, as in the word of the server's port
     */
    static boolean isServers(long line, int client, long server, long wanted) {
        return Memory.nativeInt(line + CLIENT) == client
                && (Memory.nativeLong(line + SERVER) & CLIENT_PORT_MASK) == server
                && (Memory.nativeLong(line + SERVER_PORT) & SERVERS_MASK) == wanted;
    }

    /** The client's IPv4 address, or the digest of the IPv6 one; also of an entry that has gone. */
    public static int client(long line) {
        return Memory.nativeInt(line + CLIENT);
    }

    /** State, flags and more, see {@link ConnectionTable#condition}. */
    public static long condition(long line) {
        return Memory.nativeLong(line + SERVER_PORT);
    }

    /** The server's IPv4 address, or the digest of the IPv6 one. */
    public static int server(long line) {
        return Memory.nativeInt(line + SERVER);
    }

    /** The flags alone, see {@link ConnectionTable#flags}. */
    public static int flags(long line) {
        return Memory.nativeInt(line + FLAGS);
    }

    public static int controller(long line) {
        return Memory.nativeInt(line + CONTROLLER);
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
