package io.weir.control.check.probe;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.weir.control.config.Probe;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.stream.Collectors;

/** One request and its answer; HTTP/1.0 servers are understood, too. */
final class HttpConversation extends Conversation {
    /** Bodies are read so far; longer ones are good only if nothing is expected of them. */
    static final int BODY_LIMIT_BYTES = 1 << 20;

    private static final int STATUS_LINE_LIMIT_BYTES = 4 << 10;
    private static final int HEADER_LIMIT_BYTES = 32 << 10;
    private static final int FIRST_FINAL_STATUS = 200;

    private final Probe.Http page;
    private final HostName host;
    private final @Nullable HttpBody body;
    private int status;
    private long bodyBytes;

    HttpConversation(Probe.Http page, HostName host, ProbeRunner.ResultSink result) {
        super(result);
        this.page = page;
        this.host = host;
        body = page.digest() == null && page.body() == null ? null : new HttpBody(page);
    }

    /** What turns bytes into messages; bounds the status line and the headers. */
    static ChannelHandler codec() {
        HttpDecoderConfig limits =
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(STATUS_LINE_LIMIT_BYTES)
                        .setMaxHeaderSize(HEADER_LIMIT_BYTES);
        return new HttpClientCodec(limits, false, false);
    }

    @Override
    void begin(Channel channel) {
        try {
            HttpRequest request =
                    new DefaultFullHttpRequest(
                            HttpVersion.HTTP_1_1,
                            HttpMethod.GET,
                            page.path(),
                            Unpooled.EMPTY_BUFFER);
            request.headers()
                    .set(HttpHeaderNames.HOST, host.header())
                    .set(HttpHeaderNames.USER_AGENT, "weir")
                    .set(HttpHeaderNames.ACCEPT, "*/*")
                    .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            var _ =
                    channel.writeAndFlush(request)
                            .addListener(
                                    sent -> {
                                        if (!sent.isSuccess()) {
                                            failed(SocketFault.words(sent.cause()));
                                        }
                                    });
        } catch (IllegalArgumentException e) {
            failed("no request can be made of path and host: " + SocketFault.words(e));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                begin(context.channel());
            } else {
                handshakeFailed(handshake.cause());
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable fault) {
        Throwable cause = fault.getCause();
        if (cause instanceof javax.net.ssl.SSLException) {
            handshakeFailed(cause);
        } else {
            super.exceptionCaught(context, fault);
        }
    }

    private void handshakeFailed(Throwable fault) {
        failed(TlsFault.words(fault, host.name()));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!isOver() && message instanceof HttpObject part) {
                read(part);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void read(HttpObject part) {
        DecoderResult decoded = part.decoderResult();
        if (decoded.isFailure()) {
            failed("not an HTTP answer: " + SocketFault.words(new IOException(decoded.cause())));
            return;
        }
        if (part instanceof HttpResponse response) {
            readStatus(response.status().code());
        }
        if (!isOver() && status >= FIRST_FINAL_STATUS && part instanceof HttpContent content) {
            readBody(content.content());
            if (!isOver() && content instanceof LastHttpContent) {
                end();
            }
        }
    }

    private void readStatus(int code) {
        status = code;
        // 1xx goes before the answer; RFC 9110 §15.2.
        if (code >= FIRST_FINAL_STATUS && page.statuses().stream().noneMatch(r -> r.has(code))) {
            failed("status " + code + ", expected " + expectedStatuses());
        }
    }

    private String expectedStatuses() {
        return page.statuses().stream()
                .map(Probe.StatusRange::toString)
                .collect(Collectors.joining(" or "));
    }

    private void readBody(ByteBuf bytes) {
        bodyBytes += bytes.readableBytes();
        if (bodyBytes <= BODY_LIMIT_BYTES) {
            if (body != null) {
                body.add(bytes);
            }
        } else if (body != null) {
            failed("body has more than " + BODY_LIMIT_BYTES + " bytes, too many to look at");
        } else {
            passed("status " + status + ", more than " + BODY_LIMIT_BYTES + " bytes");
        }
    }

    private void end() {
        String fault = body == null ? null : body.fault();
        if (fault != null) {
            failed(fault);
        } else {
            passed("status " + status + ", " + bodyBytes + " bytes");
        }
    }

    @Override
    String missing() {
        return status == 0
                ? "no answer"
                : "answer incomplete after " + bodyBytes + " bytes of body";
    }
}
