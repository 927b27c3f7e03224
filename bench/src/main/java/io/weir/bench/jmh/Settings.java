package io.weir.bench.jmh;

/**
 * How long and how often a benchmark runs.
 *
 * @param forks JVMs, one after the other
 * @param warmupIterations in each JVM, not counted
 * @param iterations in each JVM
 * @param iterationMillis how long each of both kinds is
 * @param repeats how often at most a benchmark is run again whose iterations were mostly disturbed
 * @param gate how much slower than the fastest the gate's loop may be around an iteration that
 *     counts; 1.2 for a fifth
 */
public record Settings(
        int forks,
        int warmupIterations,
        int iterations,
        int iterationMillis,
        int repeats,
        double gate) {
    /** For results that are kept: 1.5 s of warm-up and 0.9 s of measurement. */
    static final Settings USUAL = new Settings(1, 25, 15, 60, 1, 1.2);

    /** For all benchmarks in little time: the whole worker is compiled after 1.2 s at last. */
    static final Settings SHORT = new Settings(1, 20, 8, 60, 0, 1.2);

    /** For a first look. */
    static final Settings QUICK = new Settings(1, 10, 8, 60, 0, 1.2);
}
