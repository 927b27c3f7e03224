/**
 * Piranha's heartbeat: two routers that tell each other once in a while whether they are active.
 *
 * <p>The rules are those of pulse, with the holes closed that it has; docs/heartbeat.md lists them.
 * Codec, authentication and state machine are pure: they are told the time, the random numbers and
 * what arrived. {@link io.weir.control.heartbeat.HeartbeatFailover} adds sockets, links and a
 * thread.
 */
@NullMarked
package io.weir.control.heartbeat;

import org.jspecify.annotations.NullMarked;
