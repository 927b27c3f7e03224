package io.weir.dataplane.io.afpacket;

import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

/**
 * Sends single frames by an interface, for announcements and the like; see packet(7).
 *
 * <p>Opened for a burst and closed after it: a socket tied to an interface is of no use once that
 * was away. One thread at a time.
 */
public final class FrameSender implements AutoCloseable {
    private final Descriptor socket;
    private final String purpose;

    private FrameSender(Descriptor socket, String purpose) {
        this.socket = socket;
        this.purpose = purpose;
    }

    /**
     * Opens a socket in the calling thread's network namespace that sends by an interface and hears
     * nothing.
     *
     * @throws SystemCallException ENODEV or ENXIO without such an interface
     */
    public static FrameSender open(int linkIndex, String name) throws SystemCallException {
        String purpose = "announce addresses on " + name;
        Descriptor socket = Sockets.open(Sockets.AF_PACKET, Sockets.SOCK_RAW, 0, purpose);
        try {
            PacketSocket.bind(socket, linkIndex, 0, purpose);
            return new FrameSender(socket, purpose);
        } catch (SystemCallException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Sends a frame that lies in native memory.
     *
     * @throws SystemCallException ENETDOWN while the interface is down
     */
    public void send(long frame, int bytes) throws SystemCallException {
        SystemCallException.check(
                Sockets.send(socket.number(), frame, bytes, Sockets.MSG_DONTWAIT), purpose, "send");
    }

    @Override
    public void close() {
        socket.close();
    }
}
