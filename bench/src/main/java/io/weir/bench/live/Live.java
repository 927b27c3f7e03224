package io.weir.bench.live;

import io.weir.control.lab.LabException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;

/** The command {@code dev/bench live}. */
@Command(
        name = "dev/bench live",
        description = {
            "Measures weir and its peers in turn, in network namespaces that it makes and removes.",
            "Needs root. Results go to the standard output and, as JSON and charts, into a"
                    + " directory."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class Live implements Callable<Integer> {
    private static final int TRIAL_MILLIS = 300;
    private static final Path KEPT = Path.of("bench/results");
    private static final Path NOT_KEPT = Path.of("bench/target/bench");

    @Option(
            names = "--measures",
            split = ",",
            paramLabel = "NAME",
            description = "Only these measures, in this order.")
    private List<String> measures = List.of();

    @Option(
            names = "--contenders",
            split = ",",
            paramLabel = "NAME",
            description = "Only these contenders, in this order.")
    private List<String> contenders = List.of();

    @Option(
            names = "--variant",
            paramLabel = "NAME=METHOD[ OPTION]...",
            description = {
                "One more contender: weir with METHOD, nat or route, and options of weir run, such"
                        + " as 'two=nat --workers 2'. Any number of times."
            })
    private List<String> variants = List.of();

    @Option(names = "--rounds", paramLabel = "N", description = "Default: 5; quick: 1.")
    private @Nullable Integer rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "How long each value is measured. Default: 3; quick: 2.")
    private @Nullable Double seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            description = "How long before that a contender works. Default: 3; quick: 1.")
    private @Nullable Double warmUp;

    @Option(
            names = "--quick",
            description = {
                "Measures of the same layout share a network and a start of the contender, and"
                        + " there is one round of shorter values: a look. Results say so."
            })
    private boolean quick;

    @Option(
            names = "--trial",
            description = "As quick, with values of 0.3 s: whether everything works, not how fast.")
    private boolean trial;

    @Option(
            names = "--ipv6",
            description = {
                "All traffic is over IPv6; packets of the packet measures have 80 bytes then."
                        + " Results have files of their own, which end in -ipv6."
            })
    private boolean ipv6;

    @Option(
            names = "--add",
            description = "Adds the rounds to those that are there, of the same commit.")
    private boolean add;

    @Option(
            names = "--output",
            paramLabel = "DIRECTORY",
            description = {
                "Where results are written. Default: bench/results; of a look or a trial,"
                        + " bench/target/bench."
            })
    private @Nullable Path output;

    @Option(
            names = "--weir",
            paramLabel = "PROGRAM",
            description = "The program to measure. Default: the classes of this one.")
    private String weir = "";

    @Option(names = "--list", description = "Shows measures and contenders.")
    private boolean list;

    private final PrintStream out = System.out;

    public static void main(String[] arguments) {
        CommandLine command = new CommandLine(new Live());
        command.setExecutionExceptionHandler(
                (failure, _, _) -> {
                    if (!(failure instanceof LabException)) {
                        throw failure;
                    }
                    System.err.println("dev/bench live: " + failure.getMessage());
                    return ExitCode.SOFTWARE;
                });
        System.exit(command.execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> program = weir.isEmpty() ? Weir.ownClasses() : List.of(weir);
        if (list) {
            Catalogue.measures().forEach(m -> out.println(m.name() + ": " + m.description()));
            Catalogue.contenders(program).forEach(c -> out.println(c.name()));
            return ExitCode.OK;
        }
        if (!"root".equals(System.getProperty("user.name"))) {
            System.err.println("dev/bench live: needs root, to make network namespaces");
            return ExitCode.SOFTWARE;
        }
        List<Measure> chosenMeasures;
        List<Contender> chosenContenders;
        try {
            chosenMeasures = chosen("measure", measures, Catalogue.measures(), Measure::name);
            List<Contender> all = new ArrayList<>(Catalogue.contenders(program));
            variants.forEach(text -> all.add(Weir.variant(program, text)));
            chosenContenders = chosen("contender", contenders, all, Contender::name);
        } catch (IllegalArgumentException e) {
            System.err.println("dev/bench live: " + e.getMessage());
            return ExitCode.USAGE;
        }
        return run(chosenMeasures, chosenContenders);
    }

    private int run(List<Measure> chosenMeasures, List<Contender> chosenContenders)
            throws IOException, InterruptedException {
        Rounds turns = rounds();
        int exit = ExitCode.OK;
        for (List<Measure> together : byTurns(chosenMeasures)) {
            Environment environment = Environment.current(Path.of("."));
            List<MeasureResults> found = turns.run(together, chosenContenders, environment);
            for (int i = 0; i < found.size(); i++) {
                if (found.get(i).values().isEmpty()) {
                    System.err.println(
                            "dev/bench live: " + together.get(i).name() + " found nothing");
                    exit = ExitCode.SOFTWARE;
                } else {
                    keep(together.get(i), found.get(i));
                }
            }
        }
        return exit;
    }

    private Rounds rounds() {
        Family family = ipv6 ? Family.IPV6 : Family.IPV4;
        if (trial) {
            Duration moment = Duration.ofMillis(TRIAL_MILLIS);
            return new Rounds(family, 1, moment, moment, out);
        }
        return new Rounds(
                family,
                Objects.requireNonNullElse(rounds, quick ? 1 : 5),
                duration(Objects.requireNonNullElse(warmUp, quick ? 1.0 : 3.0)),
                duration(Objects.requireNonNullElse(seconds, quick ? 2.0 : 3.0)),
                out);
    }

    /** The measures that this machine can do, by the turns that they share. */
    private Collection<List<Measure>> byTurns(List<Measure> chosenMeasures) {
        Map<Object, List<Measure>> turns = new LinkedHashMap<>();
        for (Measure measure : chosenMeasures) {
            Optional<String> lack = measure.lacks();
            lack.ifPresent(why -> out.println(measure.name() + ": skipped, " + why));
            if (lack.isEmpty()) {
                Object turn = quick || trial ? measure.layout() : measure;
                turns.computeIfAbsent(turn, _ -> new ArrayList<>()).add(measure);
            }
        }
        return turns.values();
    }

    private void keep(Measure measure, MeasureResults found) throws IOException {
        Path directory = Objects.requireNonNullElse(output, quick || trial ? NOT_KEPT : KEPT);
        ResultFiles files = new ResultFiles(directory);
        MeasureResults results = add ? files.withAdded(found) : found;
        out.println();
        out.print(Table.of(results, Catalogue.REFERENCES));
        out.println(files.write(results));
        Charts charts = new Charts(directory);
        for (Metric metric : measure.charted()) {
            out.println(charts.draw(results, metric));
        }
        out.println();
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1e3));
    }

    private static <T> List<T> chosen(
            String kind, List<String> names, List<T> all, Function<T, String> nameOf) {
        if (names.isEmpty()) {
            return all;
        }
        return names.stream()
                .map(
                        name ->
                                all.stream()
                                        .filter(one -> nameOf.apply(one).equals(name))
                                        .findFirst()
                                        .orElseThrow(
                                                () ->
                                                        new IllegalArgumentException(
                                                                "there is no "
                                                                        + kind
                                                                        + " "
                                                                        + name
                                                                        + "; --list shows them")))
                .toList();
    }
}
