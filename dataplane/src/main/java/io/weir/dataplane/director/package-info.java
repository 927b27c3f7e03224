/**
 * The director's mind: which service a packet is for, which connection it belongs to or begins, how
 * connections live and die, and how the operator's changes take effect.
 *
 * <p>Owned by the worker thread; only what says so may be called from others.
 */
@NullMarked
package io.weir.dataplane.director;

import org.jspecify.annotations.NullMarked;
