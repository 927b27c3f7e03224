package io.weir.bench.jmh;

/**
 * One iteration of a benchmark.
 *
 * @param nanos for an operation
 * @param stepNanos the slower of both gate loops around it
 * @param gigahertz the core's clock
 * @param allocatedBytes for an operation
 */
public record Sample(double nanos, double stepNanos, double gigahertz, double allocatedBytes) {}
