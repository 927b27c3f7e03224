package io.weir.control.check.probe;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.weir.control.check.probe.ProbeRunner.Attempt;

import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * Opens the UDP sockets of checks. They are connected: what others send is not heard, and an ICMP
 * error comes as the fault of the channel.
 */
final class UdpConnector {
    private static final int DATAGRAM_LIMIT_BYTES = 1 << 16;

    private final ProbeTransport transport;

    UdpConnector(ProbeTransport transport) {
        this.transport = transport;
    }

    /**
     * Connects.
     *
     * @param handler gets what arrives
     * @param connected hears that datagrams can be sent, on the loop
     * @param refused hears why none can, on the loop
     * @return what closes the socket
     */
    Attempt connect(
            EventLoop loop,
            InetSocketAddress target,
            ChannelHandler handler,
            Consumer<Channel> connected,
            Consumer<Throwable> refused) {
        ChannelFuture connecting =
                new Bootstrap()
                        .group(loop)
                        .channel(transport.udp())
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(DATAGRAM_LIMIT_BYTES))
                        .handler(handler)
                        .disableResolver()
                        .connect(target);
        return ConnectAttempt.of(connecting, connected, refused);
    }
}
