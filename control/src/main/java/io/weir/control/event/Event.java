package io.weir.control.event;

import java.time.Instant;
import java.util.List;

/**
 * Something that happened.
 *
 * @param subject what it happened to, one word for each level, as the service's and the server's
 *     name
 * @param state the word for what it is from now on, as "up" or "active"
 * @param detail why, in words for a person; may be empty
 */
public record Event(Instant time, Kind kind, List<String> subject, String state, String detail) {
    /** What an event is about. */
    public enum Kind {
        /** A real server entered or left the service: up, down, draining. */
        SERVER,

        /** A virtual service has no server, its sorry server, or its quorum again. */
        SERVICE,

        /** This router's role: active, standby, fault, maintenance. */
        ROUTER,

        /** A virtual router's or sync group's state: active, standby, fault. */
        VRRP,

        /** The partner was heard or is silent, or both were active: heard, silent, announced. */
        PARTNER,

        /**
         * A floating address: on, off; announced, all of them; missing, refused or lapsed when it
         * should be on.
         */
        ADDRESS,

        /** A configuration was applied or refused. */
        CONFIGURATION
    }

    public Event {
        subject = List.copyOf(subject);
    }
}
