package io.weir.control.check.probe;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.weir.control.check.probe.ProbeRunner.Attempt;

import java.util.function.Consumer;

/** A check's channel on its way to being connected. */
final class ConnectAttempt {
    private ConnectAttempt() {}

    /**
     * Tells of the end of connecting, unless it was cancelled.
     *
     * @param connected hears of the channel, on its loop
     * @param refused hears why there is none, on its loop
     * @return what closes the channel, however far it has come
     */
    static Attempt of(
            ChannelFuture connecting, Consumer<Channel> connected, Consumer<Throwable> refused) {
        var _ =
                connecting.addListener(
                        future -> {
                            if (future.isSuccess()) {
                                connected.accept(connecting.channel());
                            } else if (!future.isCancelled()) {
                                refused.accept(future.cause());
                            }
                        });
        return () -> {
            var _ = connecting.channel().close();
        };
    }
}
