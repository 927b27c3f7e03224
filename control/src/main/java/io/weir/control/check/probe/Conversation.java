package io.weir.control.check.probe;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.weir.control.check.probe.ProbeRunner.Attempt;
import io.weir.control.check.probe.ProbeRunner.ResultSink;

import org.jspecify.annotations.Nullable;

/**
 * The last handler of a check's channel: tells the result once and then closes the channel. A fault
 * of the channel, or its end before there is a result, is a failure. On the check's event loop.
 */
abstract class Conversation extends ChannelInboundHandlerAdapter implements Attempt {
    private @Nullable ResultSink result;
    private @Nullable Attempt connection;

    Conversation(ResultSink result) {
        this.result = result;
    }

    /** What belongs to this check from now on, closed with its end. */
    final void use(Attempt opened) {
        if (result == null) {
            opened.cancel();
        } else {
            connection = opened;
        }
    }

    final boolean isOver() {
        return result == null;
    }

    /** Called when the connection stands, before anything is read. */
    abstract void begin(Channel channel);

    /** What is missing when the channel ends now, as "no answer". */
    abstract String missing();

    final void passed(String detail) {
        end(ProbeResult.passed(detail));
    }

    final void failed(String detail) {
        end(ProbeResult.failed(detail));
    }

    final void failed(Throwable fault) {
        end(SocketFault.result(fault));
    }

    private void end(ProbeResult found) {
        ResultSink waiting = result;
        if (waiting == null) {
            return;
        }
        cancel();
        waiting.ended(found);
    }

    @Override
    public final void cancel() {
        result = null;
        Attempt open = connection;
        connection = null;
        if (open != null) {
            open.cancel();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable fault) {
        failed(SocketFault.words(fault));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        failed("connection closed, " + missing());
    }
}
