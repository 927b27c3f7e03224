package io.weir.control.vrrp;

import io.weir.control.failover.Role;

/**
 * The states of RFC 9568 §6.4: its Initialize is told apart by its reason, its Backup is STANDBY.
 */
enum GroupState {
    NEW(Role.FAULT),
    FAULT(Role.FAULT),
    MAINTENANCE(Role.FAULT),
    STOPPED(Role.FAULT),
    STANDBY(Role.STANDBY),
    ACTIVE(Role.ACTIVE),

    /** Has said that it leaves, and keeps the addresses until another router has taken over. */
    LEAVING(Role.ACTIVE);

    private final Role role;

    GroupState(Role role) {
        this.role = role;
    }

    Role role() {
        return role;
    }
}
