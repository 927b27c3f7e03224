package io.weir.control.check.probe;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.ReferenceCountUtil;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A mail server's banner, HELO and its reply, QUIT; RFC 5321 §3.1, §4.1.1.1, §4.1.1.10. */
final class SmtpConversation extends Conversation {
    /** RFC 5321 §4.5.3.1.5 allows 512; some servers are talkative. */
    static final int LINE_LIMIT_BYTES = 2048;

    private static final int LINES_LIMIT = 100;
    private static final int READY = 220;
    private static final int OK = 250;
    private static final long FAREWELL_MILLIS = 500;

    private final String heloName;
    private Stage stage = Stage.BANNER;
    private int lines;

    private enum Stage {
        BANNER("banner"),
        HELO("reply to HELO"),
        QUIT("reply to QUIT");

        private final String words;

        Stage(String words) {
            this.words = words;
        }
    }

    SmtpConversation(String heloName, ProbeRunner.ResultSink result) {
        super(result);
        this.heloName = heloName;
    }

    @Override
    void begin(Channel channel) {
        // The server speaks first.
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!isOver() && message instanceof ByteBuf line) {
                read(context.channel(), line.toString(StandardCharsets.ISO_8859_1));
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void read(Channel channel, String line) {
        if (stage == Stage.QUIT) {
            welcome();
            return;
        }
        SmtpReply reply = SmtpReply.parse(line);
        int wanted = stage == Stage.BANNER ? READY : OK;
        if (reply == null) {
            failed(stage.words + " is no SMTP: " + ExpectedText.shown(line));
        } else if (reply.code() != wanted) {
            failed(stage.words + " " + reply.code() + ", expected " + wanted);
        } else if (++lines > LINES_LIMIT) {
            failed(stage.words + " has more than " + LINES_LIMIT + " lines");
        } else if (reply.last()) {
            next(channel);
        }
    }

    private void next(Channel channel) {
        lines = 0;
        if (stage == Stage.BANNER) {
            stage = Stage.HELO;
            send(channel, "HELO " + heloName);
            return;
        }
        // What counts is known. The server may say good-bye, so that it logs no lost connection.
        stage = Stage.QUIT;
        send(channel, "QUIT");
        var _ = channel.eventLoop().schedule(this::welcome, FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void welcome() {
        passed("greeting accepted");
    }

    private void send(Channel channel, String command) {
        byte[] bytes = (command + "\r\n").getBytes(StandardCharsets.US_ASCII);
        var _ = channel.writeAndFlush(channel.alloc().buffer().writeBytes(bytes));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (stage == Stage.QUIT) {
            welcome();
        } else {
            super.channelInactive(context);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable fault) {
        if (stage == Stage.QUIT) {
            welcome();
        } else if (fault instanceof TooLongFrameException) {
            failed(stage.words + " has a line of more than " + LINE_LIMIT_BYTES + " bytes");
        } else {
            super.exceptionCaught(context, fault);
        }
    }

    @Override
    String missing() {
        return "no " + stage.words;
    }
}
