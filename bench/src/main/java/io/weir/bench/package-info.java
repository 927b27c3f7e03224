/**
 * JMH benchmarks of the packet path.
 *
 * <p>A benchmark measures one thing and has a test that it computes the right answer.
 */
@NullMarked
package io.weir.bench;

import org.jspecify.annotations.NullMarked;
