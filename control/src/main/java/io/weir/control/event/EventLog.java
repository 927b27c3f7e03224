package io.weir.control.event;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes each event into the log, on one line, on a thread of its own: whoever reads the log may
 * stop to, and the partner must not be left waiting for that.
 */
public final class EventLog implements EventSink, AutoCloseable {
    /** The most events that wait; those beyond are counted. */
    public static final int WAITING = 1024;

    private static final Set<String> TROUBLE =
            Set.of(
                    "down",
                    "silent",
                    "fault",
                    "refused",
                    "degraded",
                    "sorry",
                    "failed",
                    "missing",
                    "lapsed");
    private static final long POLL_MILLIS = 100;
    private static final long END_MILLIS = 1_000;

    private final BlockingQueue<Event> waiting = new ArrayBlockingQueue<>(WAITING);
    private final AtomicLong lost = new AtomicLong();
    private final Logger log;
    private final Thread thread;
    private volatile boolean closed;

    /** Starts the thread. */
    public EventLog(Logger log) {
        this.log = log;
        this.thread = Thread.ofPlatform().daemon().name("weir-event-log").start(this::work);
    }

    @Override
    public void publish(Event event) {
        if (!waiting.offer(event)) {
            lost.incrementAndGet();
        }
    }

    private void work() {
        while (!closed || !waiting.isEmpty()) {
            try {
                Event event = waiting.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (event != null) {
                    write(event);
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void write(Event event) {
        log.log(
                TROUBLE.contains(event.state()) ? Level.WARNING : Level.INFO,
                EventText.line(event));
        long missing = lost.getAndSet(0);
        if (missing > 0) {
            log.log(Level.WARNING, missing + " events came faster than the log took them");
        }
    }

    /** Writes what waits, if that does not take long, and ends. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
