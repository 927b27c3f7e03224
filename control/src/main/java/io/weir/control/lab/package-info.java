/**
 * The lab: weir balances HTTP between a client and three real servers, first by NAT, then by direct
 * routing, and the answers are compared with what the scheduler promises.
 *
 * <p>{@link io.weir.control.lab.LiveStage} plays it with network namespaces, the kernel's TCP and a
 * daemon in a process of its own, {@link io.weir.control.lab.MemoryStage} in memory with simulated
 * hosts. {@link io.weir.control.lab.Namespaces} and {@link io.weir.control.lab.DaemonProcess} serve
 * end-to-end tests, too. One thread runs a lab; the thread that ends the process may close it.
 */
@NullMarked
package io.weir.control.lab;

import org.jspecify.annotations.NullMarked;
