package io.weir.control.failover;

/** A router's part in a pair. */
public enum Role {
    /** Has the addresses and serves; RFC 9568's Active, formerly Master. */
    ACTIVE,

    /** Ready to take over; RFC 9568's Backup. */
    STANDBY,

    /** Not able to take over: an interface is down, or the operator wants it so. */
    FAULT
}
