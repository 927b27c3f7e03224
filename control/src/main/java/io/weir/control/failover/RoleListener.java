package io.weir.control.failover;

/** Hears of changes of role, on a thread of the failover's, and must not block it. */
@FunctionalInterface
public interface RoleListener {
    /**
     * A role has changed; the addresses have been put on or taken off already.
     *
     * @param instance the virtual router or group, "pair" for a heartbeat
     * @param reason why, in words for a person
     */
    void roleChanged(String instance, Role role, String reason);
}
