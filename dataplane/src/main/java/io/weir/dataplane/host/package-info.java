/**
 * The balancer's own small network stack: what a host answers to packets for its addresses when no
 * service takes them. Beside a kernel it only sees packets that steering took from it.
 *
 * <p>Owned by the worker thread.
 */
@NullMarked
package io.weir.dataplane.host;

import org.jspecify.annotations.NullMarked;
