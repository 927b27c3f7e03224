package io.weir.bench.live;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives every contender its turn with a measure, A B C and again A B C, so that a machine that gets
 * slower or faster does so for all of them.
 */
final class Rounds {
    private final int count;
    private final Duration warmUp;
    private final Duration length;
    private final PrintStream progress;

    Rounds(int count, Duration warmUp, Duration length, PrintStream progress) {
        this.count = count;
        this.warmUp = warmUp;
        this.length = length;
        this.progress = progress;
    }

    /** Runs all rounds of one measure. A contender that fails is left out from then on. */
    Results run(Measure measure, List<Contender> contenders, Environment environment)
            throws InterruptedException {
        Results results = Results.empty(measure, environment, length.toMillis() / 1e3);
        List<Contender> left = new ArrayList<>();
        for (Contender contender : contenders) {
            Optional<String> reason = contender.lacks().or(() -> measure.excludes(contender));
            reason.ifPresent(why -> skip(results, contender, why));
            if (reason.isEmpty()) {
                left.add(contender);
            }
        }
        Set<Contender> failed = new HashSet<>();
        for (int round = 1; round <= count; round++) {
            for (Contender contender : left) {
                if (failed.contains(contender)) {
                    continue;
                }
                try {
                    Map<Metric, Double> found = turn(measure, contender);
                    results.add(contender, found);
                    progress.println(line(measure, contender, round, found));
                } catch (IOException e) {
                    failed.add(contender);
                    skip(results, contender, "failed in round " + round + ": " + e.getMessage());
                }
            }
        }
        return results;
    }

    private Map<Metric, Double> turn(Measure measure, Contender contender)
            throws IOException, InterruptedException {
        try (Site site = new Site(measure.layout());
                Contender.Running running = contender.start(site)) {
            return measure.run(new Measure.Turn(site, running, warmUp, length));
        }
    }

    private void skip(Results results, Contender contender, String reason) {
        results.skipped().put(contender.name(), reason);
        progress.println(results.measure() + ": without " + contender.name() + ": " + reason);
    }

    private static String line(
            Measure measure, Contender contender, int round, Map<Metric, Double> found) {
        Map<String, String> shown = new LinkedHashMap<>();
        found.forEach(
                (metric, value) ->
                        shown.put(metric.name(), Table.number(value) + " " + metric.unit()));
        return measure.name() + " round " + round + " " + contender.name() + ": " + shown;
    }
}
