package io.weir.control.check.probe;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

/**
 * Sends echo requests of one family and hears the replies: over a datagram socket where
 * ping_group_range allows it (icmp(7)), over a raw one otherwise. One thread sends, one receives.
 */
final class EchoSocket implements AutoCloseable {
    private static final String PURPOSE = "ping";
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;

    // linux/icmp.h and linux/icmpv6.h: the types that are not to be heard, one bit each.
    private static final int SOL_RAW = 255;
    private static final int ICMP_FILTER = 1;
    private static final int ALL_BUT_REPLY = ~1;
    private static final int ICMPV6_FILTER = 1;
    private static final int FILTER_BYTES = 32;
    private static final int WIDE_REPLY = 129;

    private static final int SOCKADDR_BYTES = 28;
    private static final int BUFFER_BYTES = 128;

    private final Descriptor socket;
    private final boolean ipv6;
    private final boolean raw;
    private final NativeBlock outgoing = new NativeBlock(EchoMessage.BYTES);
    private final NativeBlock address = new NativeBlock(SOCKADDR_BYTES);
    private final NativeBlock incoming = new NativeBlock(BUFFER_BYTES);

    private EchoSocket(Descriptor socket, boolean ipv6, boolean raw) {
        this.socket = socket;
        this.ipv6 = ipv6;
        this.raw = raw;
    }

    /**
     * Opens one in the calling thread's network namespace.
     *
     * @throws SystemCallException without CAP_NET_RAW, if ping_group_range does not help
     */
    static EchoSocket open(boolean ipv6) throws SystemCallException {
        int family = ipv6 ? Sockets.AF_INET6 : Sockets.AF_INET;
        int protocol = ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
        try {
            return new EchoSocket(
                    Sockets.open(family, Sockets.SOCK_DGRAM, protocol, PURPOSE), ipv6, false);
        } catch (SystemCallException e) {
            if (e.errno() != Errno.EACCES && e.errno() != Errno.EPERM) {
                throw e;
            }
        }
        EchoSocket opened =
                new EchoSocket(
                        Sockets.open(family, Sockets.SOCK_RAW, protocol, PURPOSE), ipv6, true);
        opened.filter();
        return opened;
    }

    // All the host's ICMP comes to a raw socket.
    private void filter() {
        if (!ipv6) {
            int _ = Sockets.setOption(socket.number(), SOL_RAW, ICMP_FILTER, ALL_BUT_REPLY);
            return;
        }
        try (NativeBlock block = new NativeBlock(FILTER_BYTES)) {
            Memory.fill(block.address(), FILTER_BYTES, (byte) 0xff);
            long word = block.address() + WIDE_REPLY / Integer.SIZE * Integer.BYTES;
            Memory.putNativeInt(word, ~(1 << WIDE_REPLY % Integer.SIZE));
            int _ =
                    Sockets.setOption(
                            socket.number(),
                            IPPROTO_ICMPV6,
                            ICMPV6_FILTER,
                            block.address(),
                            FILTER_BYTES);
        }
    }

    int descriptor() {
        return socket.number();
    }

    /** Tells whether replies carry the identifier of the request; else it is the kernel's. */
    boolean keepsIdentifier() {
        return raw;
    }

    /** Sends a request; 0 or more, or a negated error. */
    int send(EchoMessage message, IpAddress to) {
        byte[] bytes = message.request(ipv6);
        Memory.copyIn(bytes, 0, outgoing.address(), bytes.length);
        long at = address.address();
        Memory.fill(at, SOCKADDR_BYTES, (byte) 0);
        byte[] target = to.toBytes();
        Memory.putNativeShort(at, ipv6 ? Sockets.AF_INET6 : Sockets.AF_INET);
        Memory.copyIn(target, 0, at + (ipv6 ? 8 : 4), target.length);
        return Sockets.sendTo(
                socket.number(),
                outgoing.address(),
                bytes.length,
                Sockets.MSG_DONTWAIT,
                at,
                ipv6 ? SOCKADDR_BYTES : 16);
    }

    /** Takes what has arrived; null if nothing has. */
    byte @Nullable [] receive() {
        int length =
                Sockets.receive(
                        socket.number(), incoming.address(), BUFFER_BYTES, Sockets.MSG_DONTWAIT);
        return length < 0 ? null : Memory.bytes(incoming.address(), length);
    }

    /** What a received message is, if it is a reply. */
    @Nullable EchoMessage reply(byte[] message) {
        return EchoMessage.reply(message, ipv6, raw);
    }

    @Override
    public void close() {
        socket.close();
        outgoing.close();
        address.close();
        incoming.close();
    }
}
