package io.weir.bench.jmh;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Runs cases by JMH, each in JVMs of its own with the daemon's flags. */
final class CaseRunner {
    /** As the launcher starts the daemon. */
    static final List<String> FLAGS =
            List.of(
                    "-XX:+UseSerialGC",
                    "-Xms128m",
                    "-Xmx512m",
                    "-XX:-UsePerfData",
                    "--enable-native-access=ALL-UNNAMED");

    private static final int TAIL_LINES = 20;

    private final Settings settings;
    private double fastestStep = Double.MAX_VALUE;

    CaseRunner(Settings settings) {
        this.settings = settings;
    }

    /** The longest step of a gate loop on a quiet machine, as far as is known. */
    double limit() {
        return fastestStep * settings.gate();
    }

    /**
     * Runs a case; again if too few iterations ran undisturbed.
     *
     * @throws RunnerException if the benchmark fails, with the end of JMH's output
     */
    Samples run(Case chosen) throws RunnerException, IOException {
        Samples samples = new Samples(chosen.benchmark(), chosen.parameters());
        for (int round = 0; round <= settings.repeats(); round++) {
            runOnce(chosen, samples);
            fastestStep = Math.min(fastestStep, samples.fastestStep());
            if (samples.quiet(limit()) >= settings.forks() * settings.iterations() / 2) {
                break;
            }
        }
        return samples;
    }

    private void runOnce(Case chosen, Samples samples) throws RunnerException, IOException {
        Path log = Files.createTempFile("weir-bench", ".log");
        try {
            for (RunResult result : new Runner(options(chosen, log).build()).run()) {
                for (BenchmarkResult fork : result.getBenchmarkResults()) {
                    fork.getIterationResults().forEach(i -> samples.add(sample(i)));
                }
            }
        } catch (RunnerException e) {
            List<String> lines = Files.readAllLines(log);
            List<String> tail = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
            throw new RunnerException(String.join(System.lineSeparator(), tail), e);
        } finally {
            Files.delete(log);
        }
    }

    private ChainedOptionsBuilder options(Case chosen, Path log) {
        TimeValue time = new TimeValue(settings.iterationMillis(), TimeUnit.MILLISECONDS);
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include(
                                "^"
                                        + Pattern.quote(
                                                chosen.type().getName() + "." + chosen.method())
                                        + "$")
                        .forks(settings.forks())
                        .warmupIterations(settings.warmupIterations())
                        .warmupTime(time)
                        .measurementIterations(settings.iterations())
                        .measurementTime(time)
                        .jvmArgs(FLAGS.toArray(String[]::new))
                        .addProfiler(GCProfiler.class)
                        .addProfiler(QuietGate.class)
                        .verbosity(VerboseMode.NORMAL)
                        .output(log.toString())
                        .shouldFailOnError(true);
        chosen.parameters().forEach(options::param);
        return options;
    }

    private static Sample sample(IterationResult iteration) {
        return new Sample(
                iteration.getPrimaryResult().getScore(),
                secondary(iteration, QuietGate.STEP),
                secondary(iteration, QuietGate.CLOCK),
                secondary(iteration, "gc.alloc.rate.norm"));
    }

    private static double secondary(IterationResult iteration, String name) {
        Result<?> result = iteration.getSecondaryResults().get(name);
        if (result == null) {
            throw new IllegalStateException("an iteration without " + name);
        }
        return result.getScore();
    }
}
