package io.weir.control.heartbeat;

import io.weir.control.event.Event;
import io.weir.control.event.EventSink;
import io.weir.dataplane.net.IpAddress;

import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/**
 * Counts datagrams that were refused, and tells of each kind once a minute at most: anybody can
 * send them. One thread.
 */
final class RefusalLog {
    private static final long REST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final EventSink events;
    private final InstantSource clock;
    private final long[] counts = new long[Refusal.values().length];
    private final long[] quietUntilNanos = new long[Refusal.values().length];

    RefusalLog(EventSink events, InstantSource clock) {
        this.events = events;
        this.clock = clock;
    }

    void refused(Refusal refusal, IpAddress from, long nowNanos) {
        int kind = refusal.ordinal();
        counts[kind]++;
        if (counts[kind] > 1 && nowNanos - quietUntilNanos[kind] < 0) {
            return;
        }
        quietUntilNanos[kind] = nowNanos + REST_NANOS;
        String detail = refusal + ", " + counts[kind] + " so far";
        events.publish(
                new Event(
                        clock.instant(),
                        Event.Kind.PARTNER,
                        List.of(from.toString()),
                        "refused",
                        detail));
    }

    long count(Refusal refusal) {
        return counts[refusal.ordinal()];
    }

    /** The counts that are not 0, in words; empty if there are none. */
    @Override
    public String toString() {
        if (Arrays.stream(counts).allMatch(count -> count == 0)) {
            return "";
        }
        StringJoiner text = new StringJoiner(", ", "refused: ", "");
        for (Refusal refusal : Refusal.values()) {
            if (count(refusal) > 0) {
                text.add(refusal + " " + count(refusal));
            }
        }
        return text.toString();
    }
}
