/**
 * The daemon's HTTP interface on its control socket: ipvsadm commands, services, connections,
 * counters, status and settings; docs/api.md describes it.
 *
 * <p>One event loop thread parses requests and writes responses. What a request does runs on a
 * thread of the API's own bounded pool, because administration waits for the packet worker and a
 * listing for its reader. Everything a client can make grow has a limit: connections, requests at
 * work, the size of a body and of a head, the time a response may stall.
 */
@NullMarked
package io.weir.control.api;

import org.jspecify.annotations.NullMarked;
