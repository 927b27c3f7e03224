/**
 * Virtual services and their real servers: what the operator configured, what the worker counts,
 * and the operations that change them.
 *
 * <p>{@link io.weir.dataplane.service.VirtualService} and {@link
 * io.weir.dataplane.service.RealServer} belong to the worker thread. The records are immutable
 * copies for every other thread.
 */
@NullMarked
package io.weir.dataplane.service;

import org.jspecify.annotations.NullMarked;
