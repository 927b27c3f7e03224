package io.weir.dataplane.io.afpacket;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

/** What both directions of a port do to set up their packet socket; see packet(7). */
final class PacketSocket {
    static final int ETH_P_ALL = 3;

    private static final int PACKET_VNET_HDR = 15;
    private static final int SOCKADDR_LL_BYTES = 20;

    private PacketSocket() {}

    /**
     * Opens a packet socket that hears nothing before it is bound, and whose frames carry a
     * virtio_net_hdr in both directions. The header must be asked for before a ring is made.
     */
    static Descriptor open(String purpose) throws SystemCallException {
        Descriptor socket = Sockets.open(Sockets.AF_PACKET, Sockets.SOCK_RAW, 0, purpose);
        try {
            set(socket, PACKET_VNET_HDR, 1, purpose, "PACKET_VNET_HDR");
        } catch (SystemCallException e) {
            socket.close();
            throw e;
        }
        return socket;
    }

    static void set(Descriptor socket, int option, int value, String purpose, String name)
            throws SystemCallException {
        SystemCallException.check(
                Sockets.setOption(socket.number(), Sockets.SOL_PACKET, option, value),
                purpose,
                "setsockopt(" + name + ")");
    }

    /** Ties a socket to an interface; protocol 0 lets it send only. */
    static void bind(Descriptor socket, int interfaceIndex, int protocol, String purpose)
            throws SystemCallException {
        try (NativeBlock address = new NativeBlock(SOCKADDR_LL_BYTES)) {
            Memory.putNativeShort(address.address(), Sockets.AF_PACKET);
            Memory.putU16(address.address() + 2, protocol);
            Memory.putNativeInt(address.address() + 4, interfaceIndex);
            SystemCallException.check(
                    Sockets.bind(socket.number(), address.address(), SOCKADDR_LL_BYTES),
                    purpose,
                    "bind");
        }
    }
}
