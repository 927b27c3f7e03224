/**
 * Who of two routers is active: what VRRP and Piranha's heartbeat have in common.
 *
 * <p>The protocols' state machines are pure: they are told the time and what arrived, and say what
 * is to be sent and done.
 */
@NullMarked
package io.weir.control.failover;

import org.jspecify.annotations.NullMarked;
