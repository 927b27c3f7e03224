package io.weir.control.check.probe;

import io.netty.channel.EventLoop;
import io.weir.control.config.CheckConfig;

/** Makes checks of one kind. Called on the event loop that is given, and never blocks it. */
public interface ProbeRunner {
    /**
     * Starts a check.
     *
     * @param check whose probe is of the runner's kind
     * @param result hears once, on the event loop; may be called before this returns
     * @return what ends the check early, when its time is up; the result is not heard any more then
     */
    Attempt start(CheckConfig check, EventLoop loop, ResultSink result);

    /** A check on its way. */
    @FunctionalInterface
    interface Attempt {
        /** Ends it and frees everything that it holds; nothing happens if it has ended. */
        void cancel();
    }

    /** Where the result goes. */
    @FunctionalInterface
    interface ResultSink {
        void ended(ProbeResult result);
    }
}
