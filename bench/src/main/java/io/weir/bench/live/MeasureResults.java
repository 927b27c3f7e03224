package io.weir.bench.live;

import io.weir.control.lab.LabException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What one measure found over all contenders and rounds, and where.
 *
 * @param family of all addresses; IPv4 in files that are older than this
 * @param procedure how its rounds were made: {@link Rounds#procedure}; empty in files that are
 *     older than this
 * @param values samples by the name of a contender, then of a metric, one for each round; NaN for a
 *     round that has none
 * @param skipped contenders that could not be measured, with the reason
 */
record MeasureResults(
        String measure,
        String description,
        Environment environment,
        Layout layout,
        Family family,
        String procedure,
        double seconds,
        List<Metric> metrics,
        Map<String, Map<String, List<Double>>> values,
        Map<String, String> skipped) {

    MeasureResults {
        family = Objects.requireNonNullElse(family, Family.IPV4);
        procedure = Objects.requireNonNullElse(procedure, "");
    }

    /** Results without samples yet. */
    static MeasureResults empty(
            Measure measure,
            Family family,
            Environment environment,
            String procedure,
            double seconds) {
        return new MeasureResults(
                measure.name(),
                measure.description(),
                environment,
                measure.layout(),
                family,
                procedure,
                seconds,
                measure.metrics(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>());
    }

    /** What was done, and over what if that is not IPv4. */
    String title() {
        return family == Family.IPV4 ? description : description + ", over " + family.title();
    }

    /** Adds a round's values of a contender. */
    void add(Contender contender, Map<Metric, Double> found) {
        Map<String, List<Double>> samples =
                values.computeIfAbsent(contender.name(), _ -> new LinkedHashMap<>());
        for (Metric metric : metrics) {
            samples.computeIfAbsent(metric.name(), _ -> new ArrayList<>())
                    .add(found.getOrDefault(metric, Double.NaN));
        }
    }

    /**
     * Adds later rounds of the same measure to these; what was found where they began stays.
     *
     * @throws LabException if the rounds do not compare: another commit, layout, length or
     *     procedure
     */
    void addRounds(MeasureResults later) throws LabException {
        if (!measure.equals(later.measure)
                || !layout.equals(later.layout)
                || family != later.family
                || !procedure.equals(later.procedure)
                || seconds != later.seconds
                || !environment.commit().equals(later.environment.commit())) {
            throw new LabException(
                    "the rounds of "
                            + measure
                            + " that are there were measured with another commit or in another way;"
                            + " measure it without --add");
        }
        for (Metric metric : metrics) {
            int before =
                    values.values().stream()
                            .mapToInt(each -> each.getOrDefault(metric.name(), List.of()).size())
                            .max()
                            .orElse(0);
            later.values.forEach(
                    (contender, found) -> {
                        List<Double> samples =
                                values.computeIfAbsent(contender, _ -> new LinkedHashMap<>())
                                        .computeIfAbsent(metric.name(), _ -> new ArrayList<>());
                        while (samples.size() < before) {
                            samples.add(Double.NaN);
                        }
                        samples.addAll(found.getOrDefault(metric.name(), List.of()));
                    });
        }
        skipped.putAll(later.skipped);
    }

    /** The samples of a contender, by round; empty without any. */
    List<Double> samples(String contender, Metric metric) {
        return values.getOrDefault(contender, Map.of()).getOrDefault(metric.name(), List.of());
    }

    /** A metric over the rounds. */
    Spread spread(String contender, Metric metric) {
        return Spread.of(samples(contender, metric));
    }

    /** A metric over the rounds, as a ratio to another contender's in the same round. */
    Spread ratio(String contender, String reference, Metric metric) {
        return Spread.ofRatios(samples(contender, metric), samples(reference, metric));
    }
}
