package io.weir.control.daemon;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Logs faults of the worker, at most one in {@value #PERIOD_MILLIS} ms: whoever can send the packet
 * that causes one can send a million. Used by the worker thread.
 */
final class FaultLog {
    static final long PERIOD_MILLIS = 10_000;

    private final Logger log;
    private long nextMillis;
    private long suppressed;

    FaultLog(Logger log) {
        this.log = log;
    }

    void report(Throwable fault) {
        report(fault, System.nanoTime() / 1_000_000);
    }

    void report(Throwable fault, long nowMillis) {
        if (nextMillis != 0 && nowMillis - nextMillis < 0) {
            suppressed++;
            return;
        }
        log.log(
                Level.ERROR,
                "a fault in weir cost a burst of packets; "
                        + suppressed
                        + " more since the last report",
                fault);
        suppressed = 0;
        nextMillis = nowMillis + PERIOD_MILLIS;
    }
}
