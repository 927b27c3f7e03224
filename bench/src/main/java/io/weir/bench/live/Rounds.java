package io.weir.bench.live;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Gives every contender its turn, A B C and again A B C, so that a machine that gets slower or
 * faster does so for all of them. A turn has a network and a start of its own, for one measure or
 * for several of the same layout after each other.
 */
final class Rounds {
    private final Family family;
    private final int count;
    private final Duration warmUp;
    private final Duration length;
    private final PrintStream progress;

    /**
     * Rounds that are not made yet.
     *
     * @param family of all addresses
     * @param warmUp how long a contender is driven before each of its values
     * @param length how long a value is measured
     */
    Rounds(Family family, int count, Duration warmUp, Duration length, PrintStream progress) {
        this.family = family;
        this.count = count;
        this.warmUp = warmUp;
        this.length = length;
        this.progress = progress;
    }

    /**
     * How a value comes about, for whoever reads the results.
     *
     * @param together how many measures share a turn
     */
    String procedure(int together) {
        return String.format(
                Locale.ROOT,
                "%.1f s a value after %.1f s of warm-up, %s",
                length.toMillis() / 1e3,
                warmUp.toMillis() / 1e3,
                together == 1
                        ? "each on a network and a start of its own"
                        : "quick: " + together + " measures in turn on one network and start");
    }

    /**
     * Runs all rounds of measures that share their turns. A contender that fails in a measure does
     * it no more.
     *
     * @param measures at least one, all of the same layout
     * @return their results in the same order
     */
    List<MeasureResults> run(
            List<Measure> measures, List<Contender> contenders, Environment environment)
            throws InterruptedException {
        List<Part> parts = new ArrayList<>();
        for (Measure measure : measures) {
            String procedure = procedure(measures.size());
            parts.add(
                    new Part(
                            measure,
                            MeasureResults.empty(
                                    measure,
                                    family,
                                    environment,
                                    procedure,
                                    length.toMillis() / 1e3)));
        }
        for (Part part : parts) {
            for (Contender contender : contenders) {
                Optional<String> reason =
                        contender.lacks().or(() -> part.measure.excludes(contender));
                reason.ifPresent(why -> skip(part, contender, why));
            }
        }
        for (int round = 1; round <= count; round++) {
            for (Contender contender : contenders) {
                List<Part> left =
                        parts.stream().filter(part -> !part.isWithout(contender)).toList();
                if (!left.isEmpty()) {
                    turn(left, contender, round);
                }
            }
        }
        return parts.stream().map(Part::results).toList();
    }

    private void turn(List<Part> parts, Contender contender, int round)
            throws InterruptedException {
        try (Site site = new Site(parts.getFirst().measure.layout(), family);
                Contender.Running running = contender.start(site)) {
            for (Part part : parts) {
                measure(part, contender, round, new Measure.Turn(site, running, warmUp, length));
            }
        } catch (IOException e) {
            parts.forEach(part -> fail(part, contender, round, e));
        }
    }

    private void measure(Part part, Contender contender, int round, Measure.Turn turn)
            throws InterruptedException {
        try {
            Map<Metric, Double> found = part.measure.run(turn);
            part.results.add(contender, found);
            progress.println(line(part.measure, contender, round, found));
        } catch (IOException e) {
            fail(part, contender, round, e);
        }
    }

    private void fail(Part part, Contender contender, int round, IOException failure) {
        skip(part, contender, "failed in round " + round + ": " + failure.getMessage());
    }

    private void skip(Part part, Contender contender, String reason) {
        part.results.skipped().put(contender.name(), reason);
        progress.println(part.measure.name() + ": without " + contender.name() + ": " + reason);
    }

    private static String line(
            Measure measure, Contender contender, int round, Map<Metric, Double> found) {
        Map<String, String> shown = new LinkedHashMap<>();
        found.forEach(
                (metric, value) ->
                        shown.put(metric.name(), Table.number(value) + " " + metric.unit()));
        return measure.name() + " round " + round + " " + contender.name() + ": " + shown;
    }

    private record Part(Measure measure, MeasureResults results) {
        boolean isWithout(Contender contender) {
            return results.skipped().containsKey(contender.name());
        }
    }
}
