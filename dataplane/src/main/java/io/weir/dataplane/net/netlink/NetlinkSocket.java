package io.weir.dataplane.net.netlink;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** An rtnetlink socket of the network namespace it was opened in; used by one thread at a time. */
final class NetlinkSocket implements AutoCloseable {
    static final String PURPOSE = "watch the network";

    private static final int NETLINK_ROUTE = 0;
    private static final int NETLINK_GENERIC = 16;
    private static final int SOCKADDR_NL_BYTES = 12;

    /** What the kernel puts into one message of a dump at most is half of it. */
    private static final int BUFFER_BYTES = 64 << 10;

    /** Holds some ten thousand pieces of news that come faster than they are read. */
    private static final int QUEUE_BYTES = 4 << 20;

    private static final int MAX_REQUEST_BYTES = 128;

    private final Descriptor socket;
    private final String purpose;
    private final NativeBlock buffer = new NativeBlock(BUFFER_BYTES);
    private final NativeBlock request = new NativeBlock(MAX_REQUEST_BYTES);
    private int sequence;

    /**
     * Opens a socket.
     *
     * @param groups the multicast groups to hear, as RTMGRP bits
     */
    NetlinkSocket(int groups) throws SystemCallException {
        this(groups, PURPOSE);
    }

    /**
     * Opens a socket.
     *
     * @param groups the multicast groups to hear, as RTMGRP bits
     * @param purpose what it is for, as error messages say it
     */
    NetlinkSocket(int groups, String purpose) throws SystemCallException {
        this(NETLINK_ROUTE, groups, purpose);
    }

    private NetlinkSocket(int protocol, int groups, String purpose) throws SystemCallException {
        this.purpose = purpose;
        socket = Sockets.open(Sockets.AF_NETLINK, Sockets.SOCK_RAW, protocol, purpose);
        try (NativeBlock address = new NativeBlock(SOCKADDR_NL_BYTES)) {
            // Without CAP_NET_ADMIN the default has to do; an overrun then comes sooner.
            Sockets.setOption(
                    socket.number(), Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE, QUEUE_BYTES);
            Memory.putNativeShort(address.address(), Sockets.AF_NETLINK);
            Memory.putNativeInt(address.address() + 8, groups);
            SystemCallException.check(
                    Sockets.bind(socket.number(), address.address(), SOCKADDR_NL_BYTES),
                    purpose,
                    "bind(AF_NETLINK)");
        } catch (SystemCallException e) {
            close();
            throw e;
        }
    }

    int descriptor() {
        return socket.number();
    }

    /** Opens a socket that talks to the families of generic netlink instead. */
    static NetlinkSocket generic(String purpose) throws SystemCallException {
        return new NetlinkSocket(NETLINK_GENERIC, 0, purpose);
    }

    /**
     * Asks for one thing.
     *
     * @return the answer, or null if the kernel has none
     */
    @Nullable NetlinkMessage ask(int type, byte[] body) throws SystemCallException {
        SystemCallException.check(send(type, 0, body), purpose, "netlink request " + type);
        while (true) {
            ByteBuffer received = receive(true);
            NetlinkMessage message = received == null ? null : NetlinkMessage.next(received);
            if (message != null && message.sequence() == sequence) {
                return message.type() == NetlinkMessage.ERROR ? null : message;
            }
        }
    }

    /**
     * Sends a request; the kernel has worked on it when this returns.
     *
     * @return 0 or more, or a negated error number
     */
    int send(int type, int flags, byte[] body) {
        int length = NetlinkMessage.HEADER_BYTES + body.length;
        long at = request.address();
        Memory.putNativeInt(at, length);
        Memory.putNativeShort(at + 4, type);
        Memory.putNativeShort(at + 6, NetlinkMessage.REQUEST | flags);
        Memory.putNativeInt(at + 8, ++sequence);
        Memory.putNativeInt(at + 12, 0);
        Memory.copyIn(body, 0, at + NetlinkMessage.HEADER_BYTES, body.length);
        return Sockets.send(socket.number(), at, length, 0);
    }

    /**
     * Asks for a change, and waits for the answer.
     *
     * @return 0, or the error number for which it was refused, positive
     */
    int request(int type, int flags, byte[] body) throws SystemCallException {
        String call = "rtnetlink request " + type;
        SystemCallException.check(
                send(type, flags | NetlinkMessage.ACKNOWLEDGE, body), purpose, call);
        while (true) {
            ByteBuffer received = receive(true);
            if (received == null) {
                continue;
            }
            for (NetlinkMessage message = NetlinkMessage.next(received);
                    message != null;
                    message = NetlinkMessage.next(received)) {
                if (message.sequence() == sequence && message.type() == NetlinkMessage.ERROR) {
                    return message.errno();
                }
            }
        }
    }

    /**
     * Receives what is there.
     *
     * @return null if nothing is
     * @throws SystemCallException with ENOBUFS if news got lost because they came too fast
     */
    @Nullable ByteBuffer receive(boolean wait) throws SystemCallException {
        int flags = Sockets.MSG_TRUNC | (wait ? 0 : Sockets.MSG_DONTWAIT);
        int length = Sockets.receive(socket.number(), buffer.address(), BUFFER_BYTES, flags);
        if (length == -Errno.EAGAIN || length == -Errno.EINTR) {
            return null;
        }
        SystemCallException.check(length, purpose, "recv(AF_NETLINK)");
        if (length > BUFFER_BYTES) {
            throw new SystemCallException(purpose, "recv(AF_NETLINK)", Errno.ENOBUFS);
        }
        return ByteBuffer.wrap(Memory.bytes(buffer.address(), length))
                .order(ByteOrder.nativeOrder());
    }

    /**
     * Reads a whole table.
     *
     * @param type the GET message
     * @param family the address family, 0 for links
     * @return false if the table changed while it was read, so that it may have gaps
     */
    boolean dump(int type, int family, Consumer<NetlinkMessage> to) throws SystemCallException {
        byte[] body = new byte[16]; // as long as the longest header, and zero but for the family
        body[0] = (byte) family;
        String call = "rtnetlink request " + type;
        SystemCallException.check(send(type, NetlinkMessage.DUMP, body), purpose, call);
        boolean consistent = true;
        while (true) {
            ByteBuffer received = receive(true);
            if (received == null) {
                continue;
            }
            for (NetlinkMessage message = NetlinkMessage.next(received);
                    message != null;
                    message = NetlinkMessage.next(received)) {
                if (message.sequence() != sequence) {
                    continue;
                }
                consistent &= (message.flags() & NetlinkMessage.DUMP_INTERRUPTED) == 0;
                switch (message.type()) {
                    case NetlinkMessage.DONE -> {
                        return consistent;
                    }
                    case NetlinkMessage.ERROR ->
                            throw new SystemCallException(purpose, call, message.errno());
                    default -> {
                        // A kernel without the family answers for all families instead.
                        if (family == 0 || message.body().get(0) == family) {
                            to.accept(message);
                        }
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        socket.close();
        buffer.close();
        request.close();
    }
}
