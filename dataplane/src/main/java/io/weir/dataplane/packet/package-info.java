/**
 * A received frame, what the parser found in it and what became of it, and the burst that carries
 * up to 64 of them through the worker.
 *
 * <p>Owned by one worker thread; allocated once, reused for every burst.
 */
@NullMarked
package io.weir.dataplane.packet;

import org.jspecify.annotations.NullMarked;
