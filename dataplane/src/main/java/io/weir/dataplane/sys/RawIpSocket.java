package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A raw socket for one IP protocol on one interface (raw(7), ipv6(7)): hears its packets from that
 * interface alone, and sends them out of it with a chosen source and a TTL or hop limit of 255.
 *
 * <p>Addresses are 4 or 16 bytes in network order. Used by one thread at a time; it may not be
 * closed meanwhile. Whoever is told of an error by the kernel (the interface has gone, say) closes
 * it and opens another.
 */
public final class RawIpSocket implements AutoCloseable {
    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_IPV6 = 41;
    private static final int SO_BINDTODEVICE = 25;

    private static final int IP_TTL = 2;
    private static final int IP_PKTINFO = 8;
    private static final int IP_MULTICAST_TTL = 33;
    private static final int IP_MULTICAST_LOOP = 34;
    private static final int IP_ADD_MEMBERSHIP = 35;
    private static final int IP_MULTICAST_ALL = 49;

    private static final int IPV6_UNICAST_HOPS = 16;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int IPV6_MULTICAST_LOOP = 19;
    private static final int IPV6_ADD_MEMBERSHIP = 20;
    private static final int IPV6_MULTICAST_ALL = 29;
    private static final int IPV6_RECVPKTINFO = 49;
    private static final int IPV6_PKTINFO = 50;
    private static final int IPV6_RECVHOPLIMIT = 51;
    private static final int IPV6_HOPLIMIT = 52;

    private static final int HOP_LIMIT = 255;

    // struct msghdr, sockaddr_in6 and cmsghdr of 64-bit Linux, one behind the other.
    private static final int MESSAGE_BYTES = 56;
    private static final int NAME_BYTES = 28;
    private static final int CONTROL_BYTES = 128;
    private static final int CONTROL_HEADER_BYTES = 16;
    private static final int IPV4_INFO_BYTES = 12;
    private static final int IPV6_INFO_BYTES = 20;
    private static final int BUFFER_BYTES = 4096;
    private static final int MIN_IPV4_HEADER_BYTES = 20;

    private static final MethodHandle SENDMSG =
            Downcall.link("sendmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECVMSG =
            Downcall.link("recvmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);

    private final Descriptor socket;
    private final boolean ipv6;
    private final int interfaceIndex;
    private final NativeBlock block =
            new NativeBlock(
                    MESSAGE_BYTES + Sockets.VECTOR_BYTES + 32 + CONTROL_BYTES + BUFFER_BYTES);
    private final long message = block.address();
    private final long vector = message + MESSAGE_BYTES;
    private final long name = vector + Sockets.VECTOR_BYTES;
    private final long control = name + 32;
    private final long buffer = control + CONTROL_BYTES;

    /**
     * A packet that was received.
     *
     * @param hopLimit its TTL or hop limit, -1 if the kernel did not tell
     * @param payload what is behind the IP header
     */
    @SuppressWarnings("ArrayRecordComponent") // taken apart at once and never compared
    public record Received(byte[] source, byte[] destination, int hopLimit, byte[] payload) {}

    /**
     * Opens a socket.
     *
     * @param protocol of the IP header
     * @param device the interface's name
     * @param purpose for errors, as in "speak VRRP on eth0"
     */
    public RawIpSocket(boolean ipv6, int protocol, String device, String purpose)
            throws SystemCallException {
        this.ipv6 = ipv6;
        this.interfaceIndex = Sockets.interfaceIndex(device, purpose);
        this.socket =
                Sockets.open(
                        ipv6 ? Sockets.AF_INET6 : Sockets.AF_INET,
                        Sockets.SOCK_RAW,
                        protocol,
                        purpose);
        try {
            bind(device, purpose);
            if (ipv6) {
                set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, HOP_LIMIT, purpose);
                set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, HOP_LIMIT, purpose);
                set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, purpose);
                set(IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0, purpose);
                set(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, purpose);
                set(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, purpose);
            } else {
                set(IPPROTO_IP, IP_TTL, HOP_LIMIT, purpose);
                set(IPPROTO_IP, IP_MULTICAST_TTL, HOP_LIMIT, purpose);
                set(IPPROTO_IP, IP_MULTICAST_LOOP, 0, purpose);
                set(IPPROTO_IP, IP_MULTICAST_ALL, 0, purpose);
            }
        } catch (SystemCallException e) {
            close();
            throw e;
        }
    }

    private void bind(String device, String purpose) throws SystemCallException {
        try (NativeBlock text = CString.of(device)) {
            SystemCallException.check(
                    Sockets.setOption(
                            socket.number(),
                            Sockets.SOL_SOCKET,
                            SO_BINDTODEVICE,
                            text.address(),
                            (int) text.bytes()),
                    purpose,
                    "setsockopt(SO_BINDTODEVICE)");
        }
    }

    private void set(int level, int option, int value, String purpose) throws SystemCallException {
        SystemCallException.check(
                Sockets.setOption(socket.number(), level, option, value),
                purpose,
                "setsockopt(" + level + ", " + option + ")");
    }

    /** Hears packets to a multicast group, too. */
    public void join(byte[] group, String purpose) throws SystemCallException {
        // struct ip_mreqn: group, local address, interface; struct ipv6_mreq: group, interface.
        int bytes = ipv6 ? 20 : 12;
        try (NativeBlock request = new NativeBlock(bytes)) {
            Memory.copyIn(group, 0, request.address(), group.length);
            Memory.putNativeInt(request.address() + (ipv6 ? 16 : 8), interfaceIndex);
            SystemCallException.check(
                    Sockets.setOption(
                            socket.number(),
                            ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
                            ipv6 ? IPV6_ADD_MEMBERSHIP : IP_ADD_MEMBERSHIP,
                            request.address(),
                            bytes),
                    purpose,
                    "setsockopt(ADD_MEMBERSHIP)");
        }
    }

    /** What poll waits for. */
    public int descriptor() {
        return socket.number();
    }

    /** The interface as the kernel knows it; one of the same name that is made anew is another. */
    public int interfaceIndex() {
        return interfaceIndex;
    }

    /**
     * Sends a packet; never waits.
     *
     * @param source an address of this machine
     * @return 0 or more, or a negated error number
     */
    public int send(byte[] source, byte[] destination, byte[] payload) {
        Memory.fill(message, buffer - message, (byte) 0);
        Memory.putNativeShort(name, ipv6 ? Sockets.AF_INET6 : Sockets.AF_INET);
        Memory.copyIn(destination, 0, name + (ipv6 ? 8 : 4), destination.length);
        if (ipv6) {
            Memory.putNativeInt(name + 24, interfaceIndex);
        }
        int length = Math.min(payload.length, BUFFER_BYTES);
        Memory.copyIn(payload, 0, buffer, length);
        // struct in_pktinfo: interface, source, address; struct in6_pktinfo: source, interface.
        int info = ipv6 ? IPV6_INFO_BYTES : IPV4_INFO_BYTES;
        long data = control + CONTROL_HEADER_BYTES;
        Memory.putNativeLong(control, CONTROL_HEADER_BYTES + info);
        Memory.putNativeInt(control + 8, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP);
        Memory.putNativeInt(control + 12, ipv6 ? IPV6_PKTINFO : IP_PKTINFO);
        Memory.copyIn(source, 0, ipv6 ? data : data + 4, source.length);
        Memory.putNativeInt(ipv6 ? data + 16 : data, interfaceIndex);
        describe(ipv6 ? NAME_BYTES : 16, length, aligned(CONTROL_HEADER_BYTES + info));
        return call(SENDMSG, Sockets.MSG_DONTWAIT);
    }

    private static int aligned(int bytes) {
        return (bytes + 7) & ~7;
    }

    private void describe(int nameBytes, int bufferBytes, int controlBytes) {
        Memory.putNativeLong(message, name);
        Memory.putNativeInt(message + 8, nameBytes);
        Memory.putNativeLong(message + 16, vector);
        Memory.putNativeLong(message + 24, 1);
        Memory.putNativeLong(message + 32, control);
        Memory.putNativeLong(message + 40, controlBytes);
        Memory.putNativeInt(message + 48, 0);
        Memory.putNativeLong(vector, buffer);
        Memory.putNativeLong(vector + 8, bufferBytes);
    }

    private int call(MethodHandle function, int flags) {
        MemorySegment state = Downcall.state();
        try {
            long returned = (long) function.invokeExact(state, socket.number(), message, flags);
            return (int) Downcall.result(returned, state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /**
     * Receives a packet; never waits.
     *
     * @return null if there is none, or none that can be read
     * @throws SystemCallException if the kernel has an error to tell, as that the interface went
     *     down; the socket may go on
     */
    public @Nullable Received receive(String purpose) throws SystemCallException {
        describe(NAME_BYTES, BUFFER_BYTES, CONTROL_BYTES);
        int length = call(RECVMSG, Sockets.MSG_DONTWAIT);
        if (length == -Errno.EAGAIN || length == -Errno.EINTR) {
            return null;
        }
        SystemCallException.check(length, purpose, "recvmsg");
        return ipv6 ? ipv6(length) : ipv4(length);
    }

    // The kernel has verified the header, and put fragments together.
    private @Nullable Received ipv4(int length) {
        int header = length < MIN_IPV4_HEADER_BYTES ? 0 : (Memory.u8(buffer) & 0xf) * 4;
        if (header < MIN_IPV4_HEADER_BYTES || header > length) {
            return new Received(new byte[4], new byte[4], -1, new byte[0]);
        }
        return new Received(
                Memory.bytes(buffer + 12, 4),
                Memory.bytes(buffer + 16, 4),
                Memory.u8(buffer + 8),
                Memory.bytes(buffer + header, length - header));
    }

    private Received ipv6(int length) {
        byte[] destination = new byte[16];
        int hopLimit = -1;
        long end = control + Memory.nativeLong(message + 40);
        for (long at = control; at + CONTROL_HEADER_BYTES <= end; ) {
            long bytes = Memory.nativeLong(at);
            if (bytes < CONTROL_HEADER_BYTES || at + bytes > end) {
                break;
            }
            int type = Memory.nativeInt(at + 12);
            if (type == IPV6_HOPLIMIT) {
                hopLimit = Memory.nativeInt(at + CONTROL_HEADER_BYTES);
            } else if (type == IPV6_PKTINFO) {
                destination = Memory.bytes(at + CONTROL_HEADER_BYTES, 16);
            }
            at += aligned((int) bytes);
        }
        return new Received(
                Memory.bytes(name + 8, 16), destination, hopLimit, Memory.bytes(buffer, length));
    }

    @Override
    public void close() {
        socket.close();
        block.close();
    }
}
