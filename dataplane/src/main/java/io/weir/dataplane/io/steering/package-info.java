/**
 * Keeps the Linux kernel away from the balancer's packets, by one BPF program in two places.
 *
 * <p>At an interface's ingress (tcx) it drops the balancer's packets before the host's own stack
 * sees them; at a port's packet socket it lets just these in. Both read the same map, so they
 * agree. Programs, links and maps belong to descriptors of this process and end with it, however it
 * ends.
 *
 * <p>Safe from any thread; calls are serialised.
 */
@NullMarked
package io.weir.dataplane.io.steering;

import org.jspecify.annotations.NullMarked;
