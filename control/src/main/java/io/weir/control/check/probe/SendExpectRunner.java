package io.weir.control.check.probe;

import io.netty.channel.EventLoop;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.Probe;

/** Sends bytes over TCP and looks at the answer. */
final class SendExpectRunner implements ProbeRunner {
    private final TcpConnector connector;

    SendExpectRunner(TcpConnector connector) {
        this.connector = connector;
    }

    @Override
    public Attempt start(CheckConfig check, EventLoop loop, ResultSink result) {
        SendExpectConversation conversation =
                new SendExpectConversation((Probe.SendExpect) check.probe(), result);
        conversation.use(
                connector.connect(
                        loop,
                        SocketFault.address(check.address(), check.port()),
                        conversation,
                        conversation::begin,
                        conversation::failed));
        return conversation;
    }
}
