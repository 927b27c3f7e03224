package io.weir.control.daemon;

import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.sys.ThreadScheduling;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

/** What workers are to other threads of their CPUs. */
public enum WorkerPriority {
    /** Their equals: who needs the CPU too has it for a while, and packets wait meanwhile. */
    NORMAL,

    /** Before them (SCHED_FIFO), but for short rests; needs CAP_SYS_NICE. */
    REALTIME;

    // Above nobody who asked for more: receiving interrupts' threads usually have 50.
    private static final int LOWEST = 1;

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Gives it to the calling thread. */
    void take() throws SystemCallException {
        if (this == REALTIME) {
            ThreadScheduling.realTime(LOWEST);
        }
    }

    /**
     * Tries it on a thread of its own.
     *
     * @throws SystemCallException if the kernel refuses it
     */
    void check() throws SystemCallException {
        AtomicReference<@Nullable SystemCallException> refused = new AtomicReference<>();
        Thread trial =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        take();
                                    } catch (SystemCallException e) {
                                        refused.set(e);
                                    }
                                });
        try {
            trial.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        SystemCallException refusal = refused.get();
        if (refusal != null) {
            throw refusal;
        }
    }
}
