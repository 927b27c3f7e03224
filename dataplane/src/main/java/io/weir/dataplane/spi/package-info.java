/**
 * What plugs into the dataplane: scheduling algorithms, persistence engines and forwarding methods.
 *
 * <p>Implementations run on the worker thread only and must not allocate, lock, throw or log per
 * packet; a scheduler may allocate when servers change.
 */
@NullMarked
package io.weir.dataplane.spi;

import org.jspecify.annotations.NullMarked;
