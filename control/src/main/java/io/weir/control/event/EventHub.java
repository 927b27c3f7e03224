package io.weir.control.event;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Passes events on to whoever listens, and remembers the last {@value #REMEMBERED}. Any thread.
 *
 * <p>Listeners run on the publisher's thread, so each has to have a queue of its own with an end;
 * one that fails loses the event and disturbs nobody.
 */
public final class EventHub implements EventSink {
    /** The events that a new listener can hear of. */
    public static final int REMEMBERED = 256;

    private static final System.Logger LOG = System.getLogger("weir");

    private final List<EventSink> listeners = new CopyOnWriteArrayList<>();
    private final Deque<Event> recent = new ArrayDeque<>();
    private final AtomicLong published = new AtomicLong();

    @Override
    public void publish(Event event) {
        published.incrementAndGet();
        synchronized (recent) {
            if (recent.size() == REMEMBERED) {
                recent.removeFirst();
            }
            recent.addLast(event);
            for (EventSink listener : listeners) {
                pass(listener, event);
            }
        }
    }

    private static void pass(EventSink listener, Event event) {
        try {
            listener.publish(event);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "an event was not passed on", e);
        }
    }

    /** Passes every event from now on to a listener, in the order in which they are published. */
    public void listen(EventSink listener) {
        listeners.add(listener);
    }

    /**
     * The same, with those that are remembered first, so that none is missed or heard twice.
     *
     * @param past how many of those remembered, at most
     */
    public void listen(EventSink listener, int past) {
        synchronized (recent) {
            recent.stream()
                    .skip(Math.max(0, recent.size() - past))
                    .forEach(event -> pass(listener, event));
            listeners.add(listener);
        }
    }

    public void leave(EventSink listener) {
        listeners.remove(listener);
    }

    /** The last events, the oldest first. */
    public List<Event> recent() {
        synchronized (recent) {
            return List.copyOf(recent);
        }
    }

    /** How many events there have been. */
    public long published() {
        return published.get();
    }
}
