package io.weir.control.event;

/** Takes events; from any thread, never blocks, never throws. */
@FunctionalInterface
public interface EventSink {
    void publish(Event event);
}
