package io.weir.control.check.probe;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.Probe;

/** Speaks with a mail server until it has accepted the greeting. */
final class SmtpRunner implements ProbeRunner {
    private final TcpConnector connector;

    SmtpRunner(TcpConnector connector) {
        this.connector = connector;
    }

    @Override
    public Attempt start(CheckConfig check, EventLoop loop, ResultSink result) {
        SmtpConversation conversation =
                new SmtpConversation(((Probe.Smtp) check.probe()).heloName(), result);
        ChannelInitializer<Channel> pipeline =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new LineBasedFrameDecoder(
                                                SmtpConversation.LINE_LIMIT_BYTES, true, true),
                                        conversation);
                    }
                };
        conversation.use(
                connector.connect(
                        loop,
                        SocketFault.address(check.address(), check.port()),
                        pipeline,
                        conversation::begin,
                        conversation::failed));
        return conversation;
    }
}
