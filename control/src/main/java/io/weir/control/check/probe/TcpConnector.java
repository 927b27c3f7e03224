package io.weir.control.check.probe;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.weir.control.check.probe.ProbeRunner.Attempt;

import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** Opens the TCP connections of checks. */
final class TcpConnector {
    private final ProbeTransport transport;

    TcpConnector(ProbeTransport transport) {
        this.transport = transport;
    }

    /**
     * Connects.
     *
     * @param handler gets what arrives
     * @param connected hears of the connection, on the loop
     * @param refused hears why there is none, on the loop
     * @return what closes the connection, however far it has come
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
                        .channel(transport.tcp())
                        // The check has a time limit already.
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .handler(handler)
                        .disableResolver()
                        .connect(target);
        return ConnectAttempt.of(connecting, connected, refused);
    }
}
