package io.weir.dataplane.io.afxdp;

import io.weir.dataplane.io.steering.SocketMap;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.SystemCallException;

/**
 * The program at an interface's driver and the map of the sockets that it redirects to. It is gone
 * from the interface when this is closed, or the process ends in whatever way.
 */
public final class XdpProgram implements AutoCloseable {
    private final Descriptor sockets;
    private final Descriptor link;

    /** Makes the program. */
    @FunctionalInterface
    public interface Loader {
        /**
         * Loads it into the kernel.
         *
         * @param sockets the descriptor of the map of sockets, see {@link SocketMap}
         * @param parts whether it will see no more than the first part of long frames
         */
        Descriptor load(int sockets, boolean parts) throws SystemCallException;
    }

    private XdpProgram(Descriptor sockets, Descriptor link) {
        this.sockets = sockets;
        this.link = link;
    }

    /**
     * Attaches a program that redirects to no socket yet.
     *
     * @throws SystemCallException if there is another program, or the driver has no such mode; the
     *     advice says which
     */
    static XdpProgram attach(int linkIndex, String name, XdpMode mode, int workers, Loader loader)
            throws SystemCallException {
        String purpose = "use AF_XDP on " + name;
        int entries = SocketMap.entries(workers);
        Descriptor sockets =
                Bpf.createMap(Bpf.MAP_XSK, Integer.BYTES, Integer.BYTES, entries, 0, purpose);
        try (Descriptor program = loader.load(sockets.number(), mode.parts())) {
            int result = Bpf.createLink(program.number(), linkIndex, Bpf.ATTACH_XDP, mode.flag());
            if (result < 0) {
                throw new SystemCallException(
                        purpose, "bpf(BPF_LINK_CREATE)", -result, reason(-result, name));
            }
            return new XdpProgram(sockets, new Descriptor(result));
        } catch (SystemCallException e) {
            sockets.close();
            throw e;
        }
    }

    private static String reason(int errno, String name) {
        return switch (errno) {
            case Errno.EBUSY, Errno.EEXIST ->
                    "another XDP program is attached; ip link show dev " + name + " names it";
            case Errno.EOPNOTSUPP -> "its driver has no native XDP in its present settings";
            default -> "its driver refuses XDP in its present settings";
        };
    }

    /**
     * From now on the frames of a worker's clients that come by a queue go to a socket. If the
     * kernel refuses, which it has no reason to, they go on to the packet socket.
     */
    void direct(int worker, int queue, XdpSocket socket) {
        try (NativeBlock entry = new NativeBlock(2L * Integer.BYTES)) {
            Memory.putNativeInt(entry.address(), SocketMap.place(worker, queue));
            Memory.putNativeInt(entry.address() + Integer.BYTES, socket.descriptor());
            int _ = Bpf.update(sockets.number(), entry.address(), entry.address() + Integer.BYTES);
        }
    }

    @Override
    public void close() {
        link.close();
        sockets.close();
    }
}
