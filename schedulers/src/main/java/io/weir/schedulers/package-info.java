/**
 * The LVS schedulers, one class each.
 *
 * <p>A scheduler chooses the real server of a new connection. It is called by the worker thread
 * that owns it and by no other, and allocates nothing per call.
 */
@NullMarked
package io.weir.schedulers;

import org.jspecify.annotations.NullMarked;
