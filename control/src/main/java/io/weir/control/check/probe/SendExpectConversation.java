package io.weir.control.check.probe;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * Bytes that are sent once, and an answer that may come in pieces.
 *
 * <p>nanny judges what one read returns. Here the answer is read on until it is good, or cannot
 * become so any more; an answer that nanny takes is taken at the same byte.
 */
final class SendExpectConversation extends Conversation {
    /** What is looked at of an answer, unless a longer text is expected. */
    static final int ANSWER_LIMIT_BYTES = 4096;

    private final Probe.SendExpect exchange;
    private final StringBuilder answer = new StringBuilder();

    SendExpectConversation(Probe.SendExpect exchange, ProbeRunner.ResultSink result) {
        super(result);
        this.exchange = exchange;
    }

    @Override
    void begin(Channel channel) {
        if (exchange.send().isEmpty()) {
            sent();
            return;
        }
        byte[] bytes = exchange.send().getBytes(StandardCharsets.ISO_8859_1);
        var _ =
                channel.writeAndFlush(Unpooled.wrappedBuffer(bytes))
                        .addListener(
                                sending -> {
                                    if (sending.isSuccess()) {
                                        sent();
                                    } else {
                                        failed(SocketFault.words(sending.cause()));
                                    }
                                });
    }

    private void sent() {
        if (exchange.expect() instanceof Expectation.Prefix(String text) && text.isEmpty()) {
            passed(exchange.send().isEmpty() ? "connected" : "connected and sent");
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (!isOver()) {
                answer.append(bytes.toString(StandardCharsets.ISO_8859_1));
                judge();
            }
        } finally {
            bytes.release();
        }
    }

    private void judge() {
        String text = answer.toString();
        @Nullable String fault = ExpectedText.fault(exchange.expect(), text);
        if (fault == null) {
            passed("answered " + ExpectedText.shown(text));
        } else if (!canBecomeGood(text)) {
            failed(fault);
        }
    }

    private boolean canBecomeGood(String text) {
        return switch (exchange.expect()) {
            case Expectation.Anything() -> true;
            case Expectation.Prefix(String expected) -> expected.startsWith(text);
            case Expectation.Exactly(String expected) -> expected.startsWith(text);
            case Expectation.Matching matching -> text.length() < ANSWER_LIMIT_BYTES;
            case Expectation.NotMatching matching -> false;
        };
    }

    @Override
    String missing() {
        return answer.isEmpty()
                ? "no answer"
                : String.valueOf(ExpectedText.fault(exchange.expect(), answer.toString()));
    }
}
