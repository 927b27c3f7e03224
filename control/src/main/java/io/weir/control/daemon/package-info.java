/**
 * The daemon: a live balancer between the interfaces of a network namespace, kept in step with its
 * network and its kernel, and controlled over a socket.
 *
 * <p>The worker thread belongs to the balancer. Started and ended by the main thread; while it
 * runs, the thread that watches the network attaches and detaches interfaces, API threads change
 * rules, and each of them updates the kernel's traffic steering afterwards. No class here is used
 * by the worker but {@link io.weir.control.daemon.SwitchableWaiter}.
 */
@NullMarked
package io.weir.control.daemon;

import org.jspecify.annotations.NullMarked;
