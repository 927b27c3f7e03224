/**
 * Benchmarks of single stages of the packet path, each in the form in which the worker uses it.
 *
 * <p>All data is hot unless a benchmark says otherwise.
 */
@NullMarked
package io.weir.bench.stage;

import org.jspecify.annotations.NullMarked;
