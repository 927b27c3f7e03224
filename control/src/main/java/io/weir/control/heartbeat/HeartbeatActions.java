package io.weir.control.heartbeat;

import io.weir.control.failover.Role;

/** What a {@link HeartbeatMachine} has done to the world. */
interface HeartbeatActions {
    /** Sends a heartbeat by every path. */
    void send(boolean running);

    /** Takes or gives up the role, addresses included. */
    void become(Role role, String reason);

    /** Announces the addresses again. */
    void announce(String reason);

    /** The partner is heard, or is silent. */
    void partnerChanged(boolean heard);
}
