/**
 * Raw memory by absolute address, the one way all packet code touches frames and tables.
 *
 * <p>Stateless; safe from any thread as far as the memory itself is.
 */
@NullMarked
package io.weir.dataplane.memory;

import org.jspecify.annotations.NullMarked;
