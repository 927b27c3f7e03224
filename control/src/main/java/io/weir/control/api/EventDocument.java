package io.weir.control.api;

import io.weir.control.event.Event;
import io.weir.control.event.EventText;

import java.util.List;

/** An event, as the API shows it. */
record EventDocument(String time, String kind, List<String> subject, String state, String detail) {
    static EventDocument of(Event event) {
        return new EventDocument(
                event.time().toString(),
                EventText.kind(event),
                event.subject(),
                event.state(),
                event.detail());
    }

    /** The same as a line for a terminal. */
    static String line(Event event) {
        return event.time() + " " + EventText.line(event) + "\n";
    }
}
