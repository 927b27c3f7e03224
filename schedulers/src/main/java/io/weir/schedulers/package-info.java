/**
 * The LVS schedulers and persistence engines, one class each.
 *
 * <p>A scheduler chooses the real server of a new connection. It is called by the worker thread
 * that owns it and by no other, and allocates nothing per call. A persistence engine finds in a
 * packet by what else than its address its client is to be recognised.
 */
@NullMarked
package io.weir.schedulers;

import org.jspecify.annotations.NullMarked;
