package io.weir.bench.jmh;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** What {@code dev/bench jmh} starts. */
@Command(
        name = "jmh",
        mixinStandardHelpOptions = true,
        description = "Measures the packet path without a network, stage by stage and whole.")
public final class JmhCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "REGEX",
            description = "which benchmarks, found in 'Class.method name=value ...'")
    private Pattern pattern = Pattern.compile("");

    @Option(names = "--quick", description = "fewer benchmarks, for two minutes in all")
    private boolean quick;

    @Option(names = "--list", description = "only print what would run")
    private boolean list;

    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "keep the results there (default: ${DEFAULT-VALUE})")
    private Path file = Path.of("bench/target/bench/jmh.json");

    @Option(
            names = "--add",
            description =
                    "keep what the file has of other benchmarks; of the same commit and settings"
                            + " only")
    private boolean add;

    @Option(
            names = "--missing",
            description = "as --add, and measure only what the file does not have yet")
    private boolean missing;

    @Option(
            names = "--short",
            description = "as many benchmarks as chosen, 0.5 s each after 1.2 s of warm-up")
    private boolean brief;

    @Option(
            names = "--stop-after",
            paramLabel = "SECONDS",
            description = "begin no benchmark later than this after the start")
    private long mostSeconds = Long.MAX_VALUE;

    @Option(
            names = "--compare",
            paramLabel = "FILE",
            description =
                    "say what is slower or faster than there; exit code 1 if anything is slower")
    private @Nullable Path baseline;

    @Option(
            names = "--tolerance",
            paramLabel = "PART",
            description = "how much slower is not slower yet (default: ${DEFAULT-VALUE})")
    private double tolerance = 0.15;

    @Option(names = "--commit", hidden = true, description = "the state of the sources")
    private String commit = "unknown";

    private JmhCommand() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new JmhCommand()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        List<Case> cases = Suite.select(pattern, quick);
        if (cases.isEmpty()) {
            System.err.println("dev/bench: no benchmark matches '" + pattern + "'; see --list");
            return ExitCode.USAGE;
        }
        if (list) {
            cases.forEach(chosen -> System.out.println(chosen.key()));
            return ExitCode.OK;
        }
        try {
            SuiteResults before = baseline == null ? null : SuiteResults.read(baseline);
            SuiteResults earlier = (add || missing) && Files.exists(file) ? earlier() : null;
            List<Case> wanted = missing && earlier != null ? earlier.lacking(cases) : cases;
            if (wanted.isEmpty()) {
                System.out.println(file + " has them all");
                return ExitCode.OK;
            }
            SuiteResults results = measure(wanted, earlier);
            System.out.print(ResultTable.of(results));
            System.out.println("\nkept in " + file);
            return before == null ? ExitCode.OK : compare(before, results);
        } catch (RunnerException | IOException e) {
            System.err.println("dev/bench: " + e.getMessage());
            return ExitCode.SOFTWARE;
        }
    }

    private SuiteResults earlier() throws IOException {
        SuiteResults earlier = SuiteResults.read(file);
        String other = earlier.machine().commit();
        if (!other.equals(commit)) {
            throw new IOException(
                    file + " is of commit " + other + ", not " + commit + "; leave out --add");
        }
        if (!earlier.settings().equals(settings())) {
            throw new IOException(
                    file + " was measured with other settings; leave out --add and --missing");
        }
        return earlier;
    }

    private Settings settings() {
        if (brief) {
            return Settings.SHORT;
        }
        return quick ? Settings.QUICK : Settings.USUAL;
    }

    // The file is written after each benchmark, so that a run that is ended has not been in vain.
    private SuiteResults measure(List<Case> cases, @Nullable SuiteResults earlier)
            throws RunnerException, IOException {
        long start = System.nanoTime();
        CaseRunner runner = new CaseRunner(settings());
        Map<String, Samples> measured = new LinkedHashMap<>();
        SuiteResults results = null;
        for (Case chosen : cases) {
            if (TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) >= mostSeconds) {
                System.err.printf("%d are left for --missing%n", cases.size() - measured.size());
                break;
            }
            System.err.printf("%d/%d %s%n", measured.size() + 1, cases.size(), chosen.key());
            measured.put(chosen.key(), runner.run(chosen));
            results = results(cases, measured, earlier, runner.limit());
            results = earlier == null ? results : results.addedTo(earlier);
            results.write(file);
        }
        return Objects.requireNonNull(results);
    }

    private SuiteResults results(
            List<Case> cases,
            Map<String, Samples> measured,
            @Nullable SuiteResults earlier,
            double limit) {
        List<Measurement> measurements = new ArrayList<>();
        for (Case chosen : cases) {
            Samples samples = measured.get(chosen.key());
            if (samples != null) {
                Case harness = Suite.harness(chosen);
                Samples alone = harness == null ? null : measured.get(harness.key());
                double harnessNanos = 0;
                if (alone != null) {
                    harnessNanos = alone.measurement(limit, 0).median();
                } else if (harness != null && earlier != null) {
                    harnessNanos = earlier.median(harness);
                }
                measurements.add(samples.measurement(limit, harnessNanos));
            }
        }
        double clock = Samples.median(measured.values().stream().mapToDouble(Samples::gigahertz));
        return new SuiteResults(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                Machine.here(CaseRunner.FLAGS, commit, clock),
                settings(),
                measurements);
    }

    private int compare(SuiteResults before, SuiteResults now) {
        Comparison comparison = Comparison.of(before, now, tolerance);
        comparison.lines().forEach(System.out::println);
        return comparison.worse() == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
    }
}
