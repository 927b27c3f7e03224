package io.weir.control.check.through;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

/**
 * Sends IP packets of one family to Ethernet addresses, and hears those that arrive for the ports
 * of checks, on all interfaces (packet(7), without link header). One thread; blocks nowhere.
 */
final class PacketTap implements AutoCloseable {
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int SOCKADDR_LL_BYTES = 20;
    private static final int MAC_BYTES = 6;

    // linux/filter.h
    private static final int LOAD_BYTE = 0x30;
    private static final int LOAD_HALF = 0x28;
    private static final int LOAD_HALF_AT_INDEX = 0x48;
    private static final int INDEX_IPV4_HEADER = 0xb1;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_GREATER_EQUAL = 0x35;
    private static final int JUMP_ANY_BIT = 0x45;
    private static final int RETURN = 0x06;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int WHOLE = 1 << 18;

    private static final int[][] FILTER_IPV4 = {
        {LOAD_BYTE, 0, 0, 9},
        {JUMP_EQUAL, 1, 0, TCP},
        {JUMP_EQUAL, 0, 7, UDP},
        {LOAD_HALF, 0, 0, 6},
        {JUMP_ANY_BIT, 5, 0, 0x3fff}, // a fragment
        {INDEX_IPV4_HEADER, 0, 0, 0},
        {LOAD_HALF_AT_INDEX, 0, 0, 2},
        {JUMP_GREATER_EQUAL, 0, 2, FlowTable.FIRST_PORT},
        {JUMP_GREATER_EQUAL, 1, 0, FlowTable.FIRST_PORT + FlowTable.PORTS},
        {RETURN, 0, 0, WHOLE},
        {RETURN, 0, 0, 0},
    };

    private static final int[][] FILTER_IPV6 = {
        {LOAD_BYTE, 0, 0, 6},
        {JUMP_EQUAL, 1, 0, TCP},
        {JUMP_EQUAL, 0, 4, UDP},
        {LOAD_HALF, 0, 0, 42},
        {JUMP_GREATER_EQUAL, 0, 2, FlowTable.FIRST_PORT},
        {JUMP_GREATER_EQUAL, 1, 0, FlowTable.FIRST_PORT + FlowTable.PORTS},
        {RETURN, 0, 0, WHOLE},
        {RETURN, 0, 0, 0},
    };

    private final Descriptor socket;
    private final int etherType;
    private final NativeBlock address = new NativeBlock(SOCKADDR_LL_BYTES);

    private PacketTap(Descriptor socket, int etherType) {
        this.socket = socket;
        this.etherType = etherType;
    }

    /**
     * Opens it in the calling thread's network namespace.
     *
     * @throws SystemCallException without CAP_NET_RAW
     */
    static PacketTap open(boolean ipv6, String purpose) throws SystemCallException {
        int etherType = ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
        Descriptor socket = Sockets.open(Sockets.AF_PACKET, Sockets.SOCK_DGRAM, 0, purpose);
        PacketTap tap = new PacketTap(socket, etherType);
        try {
            // Before it is bound, so that nothing else gets into its queue.
            filter(socket, ipv6 ? FILTER_IPV6 : FILTER_IPV4, purpose);
            long at = tap.address.address();
            Memory.putNativeShort(at, Sockets.AF_PACKET);
            Memory.putU16(at + 2, etherType);
            SystemCallException.check(
                    Sockets.bind(socket.number(), at, SOCKADDR_LL_BYTES), purpose, "bind");
            return tap;
        } catch (SystemCallException e) {
            tap.close();
            throw e;
        }
    }

    private static void filter(Descriptor socket, int[][] program, String purpose)
            throws SystemCallException {
        // struct sock_fprog: the number of instructions, 8 bytes each, and where they are.
        try (NativeBlock code = new NativeBlock(program.length * 8L);
                NativeBlock header = new NativeBlock(16)) {
            for (int i = 0; i < program.length; i++) {
                long at = code.address() + i * 8L;
                Memory.putNativeShort(at, program[i][0]);
                Memory.putU8(at + 2, program[i][1]);
                Memory.putU8(at + 3, program[i][2]);
                Memory.putNativeInt(at + 4, program[i][3]);
            }
            Memory.putNativeShort(header.address(), program.length);
            Memory.putNativeLong(header.address() + 8, code.address());
            int result =
                    Sockets.setOption(
                            socket.number(),
                            Sockets.SOL_SOCKET,
                            Sockets.SO_ATTACH_FILTER,
                            header.address(),
                            16);
            SystemCallException.check(result, purpose, "setsockopt(SO_ATTACH_FILTER)");
        }
    }

    int descriptor() {
        return socket.number();
    }

    /** Receives a packet; its length, or a negated error, EAGAIN if there is none. */
    int receive(long to, int bytes) {
        return Sockets.receive(socket.number(), to, bytes, Sockets.MSG_DONTWAIT);
    }

    /** Sends a packet; a lost one is lost. */
    void send(NextHops.NextHop hop, long from, int bytes) {
        long at = address.address();
        Memory.putNativeShort(at, Sockets.AF_PACKET);
        Memory.putU16(at + 2, etherType);
        Memory.putNativeInt(at + 4, hop.linkIndex());
        Memory.putNativeShort(at + 8, 0);
        Memory.putU8(at + 10, 0);
        Memory.putU8(at + 11, MAC_BYTES);
        Memory.putU16(at + 12, (int) (hop.mac() >>> 32));
        Memory.putU32(at + 14, (int) hop.mac());
        int _ =
                Sockets.sendTo(
                        socket.number(), from, bytes, Sockets.MSG_DONTWAIT, at, SOCKADDR_LL_BYTES);
    }

    @Override
    public void close() {
        socket.close();
        address.close();
    }
}
