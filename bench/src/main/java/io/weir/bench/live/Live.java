package io.weir.bench.live;

import io.weir.control.lab.LabException;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
    private static final int QUICK_MILLIS = 300;

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

    @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "How long each value is measured. Default: ${DEFAULT-VALUE}.")
    private double seconds = 3;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            description = "How long before that a contender works. Default: ${DEFAULT-VALUE}.")
    private double warmUp = 3;

    @Option(
            names = "--quick",
            description = "One short round: whether everything works, not how fast.")
    private boolean quick;

    @Option(
            names = "--add",
            description = "Adds the rounds to those that are there, of the same commit.")
    private boolean add;

    @Option(
            names = "--output",
            paramLabel = "DIRECTORY",
            description = "Where results are written. Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of("bench/results");

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
            chosenContenders =
                    chosen("contender", contenders, Catalogue.contenders(program), Contender::name);
        } catch (IllegalArgumentException e) {
            System.err.println("dev/bench live: " + e.getMessage());
            return ExitCode.USAGE;
        }
        return run(chosenMeasures, chosenContenders);
    }

    private int run(List<Measure> chosenMeasures, List<Contender> chosenContenders)
            throws IOException, InterruptedException {
        Rounds turns =
                quick
                        ? new Rounds(1, millis(QUICK_MILLIS), millis(QUICK_MILLIS), out)
                        : new Rounds(rounds, millis(warmUp * 1e3), millis(seconds * 1e3), out);
        ResultFiles files = new ResultFiles(output);
        Charts charts = new Charts(output);
        int exit = ExitCode.OK;
        for (Measure measure : chosenMeasures) {
            String lacks = measure.lacks().orElse("");
            if (!lacks.isEmpty()) {
                out.println(measure.name() + ": skipped, " + lacks);
                continue;
            }
            Environment environment = Environment.current(Path.of("."));
            Results results = turns.run(measure, chosenContenders, environment);
            if (results.values().isEmpty()) {
                System.err.println("dev/bench live: " + measure.name() + " found nothing");
                exit = ExitCode.SOFTWARE;
                continue;
            }
            if (add) {
                results = files.withAdded(results);
            }
            out.println();
            out.print(Table.of(results, Catalogue.REFERENCES));
            out.println(files.write(results));
            for (Metric metric : measure.charted()) {
                out.println(charts.draw(results, metric));
            }
            out.println();
        }
        return exit;
    }

    private static Duration millis(double millis) {
        return Duration.ofMillis(Math.round(millis));
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
