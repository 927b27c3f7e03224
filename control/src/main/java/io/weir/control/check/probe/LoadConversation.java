package io.weir.control.check.probe;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import io.weir.control.config.LoadConfig;
import io.weir.dataplane.service.ServerId;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A server that is asked for its load over HTTP, or tells it to whoever connects. */
final class LoadConversation extends Conversation {
    private static final int BODY_LIMIT_BYTES = 64 << 10;

    private final LoadConfig load;
    private final ServerId server;

    /** Makes one that passes with the text of the answer as its detail. */
    LoadConversation(LoadConfig load, ServerId server, ProbeRunner.ResultSink result) {
        super(result);
        this.load = load;
        this.server = server;
    }

    /** What makes messages of what the server sends. */
    List<ChannelHandler> decoders() {
        return load.source() == LoadConfig.Source.HTTP
                ? List.of(new HttpClientCodec(), new HttpObjectAggregator(BODY_LIMIT_BYTES))
                : List.of(new LineDecoder());
    }

    @Override
    void begin(Channel channel) {
        if (load.source() != LoadConfig.Source.HTTP) {
            return;
        }
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, load.path());
        String address = server.address().toString();
        request.headers()
                .set(
                        HttpHeaderNames.HOST,
                        (server.address().ipv6() ? "[" + address + "]" : address)
                                + ":"
                                + load.port())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        var _ =
                channel.writeAndFlush(request)
                        .addListener(
                                sending -> {
                                    if (!sending.isSuccess()) {
                                        failed(SocketFault.words(sending.cause()));
                                    }
                                });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (message instanceof FullHttpResponse page) {
                if (page.status().equals(HttpResponseStatus.OK)) {
                    passed(page.content().toString(StandardCharsets.ISO_8859_1));
                } else {
                    failed("status " + page.status().code());
                }
            } else if (message instanceof String line) {
                passed(line);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    String missing() {
        return "no answer";
    }
}
