package io.weir.control.check.probe;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;

import java.nio.charset.StandardCharsets;

/** One datagram and the first one that answers it; characters stand for bytes. */
abstract class DatagramConversation extends Conversation {
    private final String payload;

    /**
     * Sends nothing yet.
     *
     * @param payload what is sent
     */
    DatagramConversation(String payload, ProbeRunner.ResultSink result) {
        super(result);
        this.payload = payload;
    }

    @Override
    void begin(Channel channel) {
        send(channel);
    }

    final void send(Channel channel) {
        byte[] bytes = payload.getBytes(StandardCharsets.ISO_8859_1);
        var _ =
                channel.writeAndFlush(channel.alloc().buffer(bytes.length).writeBytes(bytes))
                        .addListener(
                                sent -> {
                                    if (!sent.isSuccess()) {
                                        failed(SocketFault.words(sent.cause()));
                                    }
                                });
    }

    @Override
    public final void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!isOver() && message instanceof DatagramPacket datagram) {
                answered(
                        new String(
                                ByteBufUtil.getBytes(datagram.content()),
                                StandardCharsets.ISO_8859_1));
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** Ends the check by an answer. */
    abstract void answered(String answer);

    @Override
    final String missing() {
        return "no answer";
    }
}
