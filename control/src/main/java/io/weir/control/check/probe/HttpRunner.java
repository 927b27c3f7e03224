package io.weir.control.check.probe;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.Probe;

import org.jspecify.annotations.Nullable;

import java.util.List;

import javax.net.ssl.SSLParameters;

/** Asks for a page by HTTP/1.1, over TLS or not, and looks at the status and the body. */
final class HttpRunner implements ProbeRunner {
    private final TcpConnector connector;
    private final TlsContexts contexts;

    HttpRunner(TcpConnector connector, TlsContexts contexts) {
        this.connector = connector;
        this.contexts = contexts;
    }

    @Override
    public Attempt start(CheckConfig check, EventLoop loop, ResultSink result) {
        Probe.Http page = (Probe.Http) check.probe();
        HttpConversation conversation =
                new HttpConversation(page, HostName.of(check, page), result);
        if (!page.tls()) {
            connect(check, loop, conversation, null);
            return conversation;
        }
        var _ =
                contexts.context(page.verify())
                        .whenCompleteAsync(
                                (context, fault) -> {
                                    if (fault != null) {
                                        conversation.failed(SocketFault.words(fault));
                                    } else {
                                        connect(check, loop, conversation, context);
                                    }
                                },
                                loop);
        return conversation;
    }

    private void connect(
            CheckConfig check,
            EventLoop loop,
            HttpConversation conversation,
            @Nullable SslContext context) {
        if (conversation.isOver()) {
            return;
        }
        ChannelInitializer<Channel> pipeline =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (context != null) {
                            channel.pipeline().addLast(tls(context, channel, check));
                        }
                        channel.pipeline().addLast(HttpConversation.codec(), conversation);
                    }
                };
        conversation.use(
                connector.connect(
                        loop,
                        SocketFault.address(check.address(), check.port()),
                        pipeline,
                        context == null ? conversation::begin : connected -> {},
                        conversation::failed));
    }

    private SslHandler tls(SslContext context, Channel channel, CheckConfig check) {
        Probe.Http page = (Probe.Http) check.probe();
        SslHandler tls =
                context.newHandler(
                        channel.alloc(),
                        HostName.of(check, page).name(),
                        check.port(),
                        contexts.handshakes());
        // The check has a time limit already.
        tls.setHandshakeTimeoutMillis(0);
        if (!page.serverName()) {
            // An empty list takes away the name that Java sends by itself.
            SSLParameters parameters = tls.engine().getSSLParameters();
            parameters.setServerNames(List.of());
            tls.engine().setSSLParameters(parameters);
        }
        return tls;
    }
}
