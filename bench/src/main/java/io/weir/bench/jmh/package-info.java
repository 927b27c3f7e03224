/**
 * Runs the JMH benchmarks: chooses them, watches whether the machine is quiet, keeps and compares
 * results.
 */
@NullMarked
package io.weir.bench.jmh;

import org.jspecify.annotations.NullMarked;
