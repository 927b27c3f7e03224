package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Socket calls. A socket belongs to the network namespace of the thread that opens it.
 *
 * <p>The calls of the packet path ({@link #sendMessages}, {@link #receive}) allocate nothing.
 */
public final class Sockets {
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int AF_NETLINK = 16;
    public static final int AF_PACKET = 17;
    public static final int AF_XDP = 44;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOL_SOCKET = 1;
    public static final int SOL_PACKET = 263;
    public static final int SOL_NETLINK = 270;
    public static final int SOL_XDP = 283;
    public static final int SO_ERROR = 4;
    public static final int SO_SNDBUFFORCE = 32;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int SO_ATTACH_FILTER = 26;
    public static final int SO_ATTACH_BPF = 50;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;

    /** sizeof(struct mmsghdr) and the offsets in it, on 64-bit Linux. */
    public static final int MESSAGE_BYTES = 64;

    public static final int MESSAGE_VECTORS_OFFSET = 16;
    public static final int MESSAGE_VECTOR_COUNT_OFFSET = 24;

    /** sizeof(struct iovec): address, then length, 8 bytes each. */
    public static final int VECTOR_BYTES = 16;

    private static final int SOCK_CLOEXEC = 0x80000;

    private static final MethodHandle SOCKET =
            Downcall.link("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND =
            Downcall.link("bind", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SETSOCKOPT =
            Downcall.link(
                    "setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle GETSOCKOPT =
            Downcall.link(
                    "getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SENDMMSG =
            Downcall.link("sendmmsg", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle SEND =
            Downcall.link("send", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SENDTO =
            Downcall.link(
                    "sendto", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG,
                    JAVA_INT);
    private static final MethodHandle RECV =
            Downcall.link("recv", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle IF_NAMETOINDEX =
            Downcall.link("if_nametoindex", JAVA_INT, JAVA_LONG);

    private Sockets() {}

    /** Opens a socket that child processes do not inherit. */
    public static Descriptor open(int family, int type, int protocol, String purpose)
            throws SystemCallException {
        MemorySegment state = Downcall.state();
        int result;
        try {
            result =
                    Downcall.result(
                            (int) SOCKET.invokeExact(state, family, type | SOCK_CLOEXEC, protocol),
                            state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
        String name =
                switch (family) {
                    case AF_INET -> "AF_INET";
                    case AF_INET6 -> "AF_INET6";
                    case AF_PACKET -> "AF_PACKET";
                    case AF_XDP -> "AF_XDP";
                    default -> "AF_NETLINK";
                };
        return new Descriptor(SystemCallException.check(result, purpose, "socket(" + name + ")"));
    }

    /** Binds a socket to the address structure in memory. */
    public static int bind(int socket, long address, int bytes) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) BIND.invokeExact(state, socket, address, bytes), state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /** Sets an option from memory. */
    public static int setOption(int socket, int level, int option, long value, int bytes) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(
                    (int) SETSOCKOPT.invokeExact(state, socket, level, option, value, bytes),
                    state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /** Sets an option that is an int. */
    public static int setOption(int socket, int level, int option, int value) {
        try (NativeBlock block = new NativeBlock(Integer.BYTES)) {
            Memory.putNativeInt(block.address(), value);
            return setOption(socket, level, option, block.address(), Integer.BYTES);
        }
    }

    /** Reads an option into memory; how much the kernel wrote is not told. */
    public static int getOption(int socket, int level, int option, long value, int bytes) {
        try (NativeBlock size = new NativeBlock(Integer.BYTES)) {
            Memory.putNativeInt(size.address(), bytes);
            MemorySegment state = Downcall.state();
            int returned =
                    (int)
                            GETSOCKOPT.invokeExact(
                                    state, socket, level, option, value, size.address());
            return Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /**
     * Sends messages, stopping before the first that is refused.
     *
     * @param messages an array of struct mmsghdr
     * @return how many were sent, at least 1, or the negated error of the first
     */
    public static int sendMessages(int socket, long messages, int count, int flags) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(
                    (int) SENDMMSG.invokeExact(state, socket, messages, count, flags), state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /** Sends one message to where the socket is bound or connected. */
    public static int send(int socket, long from, int bytes, int flags) {
        MemorySegment state = Downcall.state();
        try {
            long returned = (long) SEND.invokeExact(state, socket, from, (long) bytes, flags);
            return (int) Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /**
     * Sends one message to an address.
     *
     * @param address the address structure in memory
     */
    public static int sendTo(
            int socket, long from, int bytes, int flags, long address, int addressBytes) {
        MemorySegment state = Downcall.state();
        try {
            long returned =
                    (long)
                            SENDTO.invokeExact(
                                    state,
                                    socket,
                                    from,
                                    (long) bytes,
                                    flags,
                                    address,
                                    addressBytes);
            return (int) Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /**
     * Receives one message.
     *
     * @return its bytes; with {@link #MSG_TRUNC} its true length, which may exceed {@code bytes}
     */
    public static int receive(int socket, long to, int bytes, int flags) {
        MemorySegment state = Downcall.state();
        try {
            long returned = (long) RECV.invokeExact(state, socket, to, (long) bytes, flags);
            return (int) Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /** The index of an interface of the calling thread's network namespace. */
    public static int interfaceIndex(String name, String purpose) throws SystemCallException {
        MemorySegment state = Downcall.state();
        int index;
        try (NativeBlock text = CString.of(name)) {
            index = (int) IF_NAMETOINDEX.invokeExact(state, text.address());
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
        if (index == 0) {
            throw new SystemCallException(
                    purpose, "if_nametoindex(" + name + ")", -Downcall.result(-1, state));
        }
        return index;
    }
}
