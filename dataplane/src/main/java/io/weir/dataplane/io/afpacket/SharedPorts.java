package io.weir.dataplane.io.afpacket;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

import java.util.ArrayList;
import java.util.List;

/**
 * Opens the ports of several workers on one interface. Their sockets are a group of which each
 * frame goes to one, and a program says to which; see packet(7), PACKET_FANOUT.
 *
 * <p>The kernel numbers the sockets of a group by the order in which they joined. Where the
 * interface goes down they leave, and where it comes up they join again in the order in which they
 * were made, which is the same. One that leaves alone would hand its number to the last: ports that
 * were opened together are closed together.
 */
public final class SharedPorts {
    private static final int PACKET_FANOUT = 18;
    private static final int PACKET_FANOUT_DATA = 22;
    private static final int TYPE_EBPF = 7;
    private static final int FLAG_UNIQUE_ID = 0x2000;
    private static final int FLAG_IGNORE_OUTGOING = 0x4000;
    private static final int ID_MASK = 0xffff;

    private SharedPorts() {}

    /**
     * Programs of the kernel by their descriptors; they may be closed afterwards.
     *
     * @param filters of each port, accept the frames wanted (BPF_PROG_TYPE_SOCKET_FILTER)
     * @param closed accepts none
     * @param choice returns the number of the port that gets a frame
     */
    public record Programs(List<Integer> filters, int closed, int choice) {}

    /**
     * Opens ports on an interface of the calling thread's network namespace. None of them gets a
     * frame before the program can say whose it is.
     *
     * @return the ports by their numbers
     * @throws SystemCallException if there is no such interface, or the kernel refuses
     */
    public static List<AfPacketPort> open(
            String interfaceName, int ports, Programs programs, RingSize size)
            throws SystemCallException {
        String purpose = "share interface " + interfaceName + " among " + ports + " workers";
        List<AfPacketPort> opened = new ArrayList<>();
        try {
            for (int i = 0; i < ports; i++) {
                opened.add(AfPacketPort.open(interfaceName, programs.closed, size));
            }
            int first = opened.getFirst().receiver();
            set(first, PACKET_FANOUT, group(FLAG_UNIQUE_ID), purpose, "PACKET_FANOUT");
            set(first, PACKET_FANOUT_DATA, programs.choice, purpose, "PACKET_FANOUT_DATA");
            int id = id(first, purpose);
            for (AfPacketPort port : opened.subList(1, ports)) {
                set(port.receiver(), PACKET_FANOUT, group(0) | id, purpose, "PACKET_FANOUT");
            }
            for (int i = 0; i < ports; i++) {
                int filter = programs.filters.get(i);
                ReceiveRing.setFilter(opened.get(i).receiver(), filter, purpose);
            }
            return opened;
        } catch (SystemCallException e) {
            opened.forEach(AfPacketPort::close);
            throw e;
        }
    }

    private static int group(int flags) {
        return (TYPE_EBPF | FLAG_IGNORE_OUTGOING | flags) << 16;
    }

    private static int id(int socket, String purpose) throws SystemCallException {
        try (NativeBlock value = new NativeBlock(Integer.BYTES)) {
            SystemCallException.check(
                    Sockets.getOption(
                            socket,
                            Sockets.SOL_PACKET,
                            PACKET_FANOUT,
                            value.address(),
                            Integer.BYTES),
                    purpose,
                    "getsockopt(PACKET_FANOUT)");
            return Memory.nativeInt(value.address()) & ID_MASK;
        }
    }

    private static void set(int socket, int option, int value, String purpose, String name)
            throws SystemCallException {
        SystemCallException.check(
                Sockets.setOption(socket, Sockets.SOL_PACKET, option, value),
                purpose,
                "setsockopt(" + name + ")");
    }
}
