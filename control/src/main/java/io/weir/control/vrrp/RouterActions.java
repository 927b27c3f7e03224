package io.weir.control.vrrp;

import io.weir.control.failover.Role;

/** What the state machine wants done; called by the thread that runs it, and not to block it. */
interface RouterActions {
    /**
     * Sends an advertisement to the other routers, as far as the machine lets us.
     *
     * @param priority the router's own, or 0 to say that it leaves
     */
    void advertise(VirtualRouter router, int priority);

    /** A virtual router alone, or a sync group, has another role; its addresses were seen to. */
    void roleChanged(RouterGroup group, Role role, String reason);

    /**
     * Something that an operator wants to know of one virtual router.
     *
     * @param state the word for it: heard and silent (the partner), conflict, resolved, held-up,
     *     mismatch, stranger, refused
     */
    void report(VirtualRouter router, String state, String detail);

    /**
     * A {@link RouterGroup#handOver} or another departure has ended.
     *
     * @param taken whether another router has taken the role
     */
    void left(RouterGroup group, boolean taken);
}
