package io.weir.control.heartbeat;

import org.jspecify.annotations.Nullable;

/**
 * What a datagram turned out to be.
 *
 * @param refusal why it is no heartbeat, null if it is one
 * @param running a heartbeat's news: the partner is active
 * @param greeting it is the partner's, who has to be answered before its heartbeats can count
 */
record Opened(@Nullable Refusal refusal, boolean running, boolean greeting) {
    static Opened heartbeat(boolean running) {
        return new Opened(null, running, false);
    }

    static Opened refused(Refusal refusal) {
        return new Opened(refusal, false, false);
    }

    static Opened greeted() {
        return new Opened(Refusal.UNPROVEN, false, true);
    }
}
