package io.weir.control.heartbeat;

import io.weir.control.config.HeartbeatConfig;

/**
 * What a pair's state machine is told.
 *
 * @param primary this router is the primary
 * @param single it has no partner
 * @param keepaliveNanos from one heartbeat to the next
 * @param deadtimeNanos a partner silent for so long is dead
 * @param failback a primary takes over again when it comes back
 */
record HeartbeatTiming(
        boolean primary,
        boolean single,
        long keepaliveNanos,
        long deadtimeNanos,
        boolean failback) {
    static HeartbeatTiming of(HeartbeatConfig config, boolean primary) {
        return new HeartbeatTiming(
                primary,
                config.backup() == null,
                config.keepalive().toNanos(),
                config.deadtime().toNanos(),
                config.failback());
    }

    /**
     * A router that did not run for so long may have been declared dead: its last heartbeat is up
     * to a keepalive older than its sleep.
     */
    long doubtNanos() {
        return Math.max(keepaliveNanos, deadtimeNanos - keepaliveNanos);
    }
}
