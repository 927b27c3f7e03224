package io.weir.bench.jmh;

import java.util.Map;

/**
 * What was measured of one benchmark with one set of parameters. Times are for one operation, in
 * nanoseconds; cycles are times multiplied with the core's clock at that time.
 *
 * @param benchmark class and method
 * @param parameters by name
 * @param samples iterations that count
 * @param disturbed iterations that do not count, because the machine was not quiet; when there were
 *     no others, these are what the figures are of
 * @param least of all samples
 * @param tenth nine of ten samples are slower
 * @param median of the samples
 * @param ninetieth one of ten samples is slower
 * @param harness what of the median is not weir's: the median of the same work without it; 0 if
 *     there is no such work
 * @param cycles median of the samples' cycles
 * @param allocatedBytes by the benchmark's thread for an operation
 */
public record Measurement(
        String benchmark,
        Map<String, String> parameters,
        int samples,
        int disturbed,
        double least,
        double tenth,
        double median,
        double ninetieth,
        double harness,
        double cycles,
        double allocatedBytes) {
    /** The benchmark and its parameters, as 'WorkerBenchmark.worker flows=1000'. */
    String key() {
        return Case.key(benchmark, parameters);
    }

    /** Nanoseconds of the median that are weir's. */
    double net() {
        return median - harness;
    }

    /** The same in cycles. */
    double netCycles() {
        return net() * cycles / median;
    }

    /** Whether no iteration of it ran on a quiet machine. */
    boolean onlyDisturbed() {
        return samples == 0;
    }
}
