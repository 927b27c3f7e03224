package io.weir.control.event;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;

/** Writes each event into the log, on one line. */
public final class EventLog implements EventSink {
    private static final Set<String> TROUBLE =
            Set.of("down", "silent", "fault", "refused", "degraded", "sorry", "failed");

    private final Logger log;

    public EventLog(Logger log) {
        this.log = log;
    }

    @Override
    public void publish(Event event) {
        Level level = TROUBLE.contains(event.state()) ? Level.WARNING : Level.INFO;
        log.log(level, EventText.line(event));
    }
}
