package io.weir.control.check.probe;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.weir.control.config.CheckConfig;

/** Passes as soon as a TCP connection stands; sends and reads nothing. */
final class TcpConnectRunner implements ProbeRunner {
    private final TcpConnector connector;

    TcpConnectRunner(TcpConnector connector) {
        this.connector = connector;
    }

    @Override
    public Attempt start(CheckConfig check, EventLoop loop, ResultSink result) {
        return connector.connect(
                loop,
                SocketFault.address(check.address(), check.port()),
                new ChannelInboundHandlerAdapter(),
                channel -> result.ended(ProbeResult.passed("connected")),
                fault -> result.ended(SocketFault.result(fault)));
    }
}
