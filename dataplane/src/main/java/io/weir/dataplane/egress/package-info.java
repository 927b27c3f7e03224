/**
 * The way out: next hop, time to live, link size, Ethernet addresses, packets that wait for a
 * neighbour, and packets the balancer makes itself.
 *
 * <p>Owned by the worker thread; allocates nothing per packet.
 */
@NullMarked
package io.weir.dataplane.egress;

import org.jspecify.annotations.NullMarked;
