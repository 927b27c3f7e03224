package io.weir.control.keeper;

import io.weir.control.event.Event;

import java.time.Instant;
import java.util.List;

/**
 * Something that happened, as the keeper tells it without a date.
 *
 * @param subject the service's name and, if it is about one, the server's
 */
public record Notice(Event.Kind kind, List<String> subject, String state, String detail) {
    public Notice {
        subject = List.copyOf(subject);
    }

    /** The event that it is, at a time. */
    public Event at(Instant time) {
        return new Event(time, kind, subject, state, detail);
    }
}
