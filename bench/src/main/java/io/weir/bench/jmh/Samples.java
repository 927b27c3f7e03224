package io.weir.bench.jmh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** The iterations of one benchmark with one set of parameters. */
final class Samples {
    private final String benchmark;
    private final SortedMap<String, String> parameters;
    private final List<Sample> all = new ArrayList<>();

    Samples(String benchmark, SortedMap<String, String> parameters) {
        this.benchmark = benchmark;
        this.parameters = parameters;
    }

    void add(Sample sample) {
        all.add(sample);
    }

    /** The fastest gate loop seen, in nanoseconds for a step. */
    double fastestStep() {
        return all.stream().mapToDouble(Sample::stepNanos).min().orElse(Double.MAX_VALUE);
    }

    /** Iterations around which a step took no longer than this. */
    long quiet(double limit) {
        return all.stream().filter(sample -> sample.stepNanos() <= limit).count();
    }

    /**
     * Sums the iterations up.
     *
     * @param limit the longest step of a quiet machine, in nanoseconds
     * @param harness nanoseconds of an operation that are not weir's
     */
    Measurement measurement(double limit, double harness) {
        List<Sample> quiet = all.stream().filter(s -> s.stepNanos() <= limit).toList();
        List<Sample> used = quiet.isEmpty() ? all : quiet;
        double[] nanos = sorted(used, Sample::nanos);
        double[] bytes = sorted(all, Sample::allocatedBytes);
        double median = quantile(nanos, 0.5);
        return new Measurement(
                benchmark,
                parameters,
                quiet.size(),
                all.size() - quiet.size(),
                rounded(nanos[0]),
                rounded(quantile(nanos, 0.1)),
                rounded(median),
                rounded(quantile(nanos, 0.9)),
                rounded(harness),
                rounded(quantile(sorted(used, s -> s.nanos() * s.gigahertz()), 0.5)),
                rounded(quantile(bytes, 0.5)));
    }

    /** The clock's median in GHz. */
    double gigahertz() {
        return quantile(sorted(all, Sample::gigahertz), 0.5);
    }

    static double median(DoubleStream values) {
        return quantile(values.sorted().toArray(), 0.5);
    }

    private static double[] sorted(List<Sample> samples, ToDoubleFunction<Sample> field) {
        double[] values = samples.stream().mapToDouble(field).toArray();
        Arrays.sort(values);
        return values;
    }

    /** Linear between neighbours. */
    static double quantile(double[] sorted, double part) {
        double at = part * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
