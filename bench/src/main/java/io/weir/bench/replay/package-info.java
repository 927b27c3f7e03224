/**
 * The whole worker between two ports that make their frames themselves, and the benchmarks of it.
 *
 * <p>Nothing here is thread-safe; a benchmark's thread owns it all.
 */
@NullMarked
package io.weir.bench.replay;

import org.jspecify.annotations.NullMarked;
