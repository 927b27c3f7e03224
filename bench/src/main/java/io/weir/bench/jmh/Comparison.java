package io.weir.bench.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What has become slower or faster since other results, in cycles, so that another clock does not
 * count. Another machine or JDK does, and is told.
 *
 * @param lines for people
 * @param worse how many benchmarks have become slower by more than the tolerance
 */
record Comparison(List<String> lines, int worse) {
    /**
     * Compares.
     *
     * @param tolerance the part by which a median may be longer, 0.15 for 15 %
     */
    static Comparison of(SuiteResults before, SuiteResults now, double tolerance) {
        List<String> lines = new ArrayList<>();
        note(lines, "processor", before.machine().processor(), now.machine().processor());
        note(lines, "JDK", before.machine().jdk(), now.machine().jdk());
        Map<String, Measurement> earlier =
                before.measurements().stream()
                        .collect(Collectors.toMap(Measurement::key, Function.identity()));
        int worse = 0;
        int compared = 0;
        for (Measurement measurement : now.measurements()) {
            Measurement other = earlier.get(measurement.key());
            if (other == null) {
                lines.add("new     " + measurement.key());
                continue;
            }
            compared++;
            double ratio = measurement.cycles() / other.cycles();
            boolean slower = ratio > 1 + tolerance;
            worse += slower ? 1 : 0;
            if (slower || ratio < 1 / (1 + tolerance)) {
                lines.add(
                        String.format(
                                Locale.ROOT,
                                "%s  %s: %.0f cycles, before %.0f (%.2f times)%s",
                                slower ? "slower" : "faster",
                                measurement.key(),
                                measurement.cycles(),
                                other.cycles(),
                                ratio,
                                measurement.onlyDisturbed() ? ", disturbed" : ""));
            }
        }
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%d compared with %s, %d slower by more than %.0f %%",
                        compared,
                        before.machine().commit(),
                        worse,
                        tolerance * 100));
        return new Comparison(lines, worse);
    }

    private static void note(List<String> lines, String what, String before, String now) {
        if (!before.equals(now)) {
            lines.add("another " + what + ": " + now + ", before " + before);
        }
    }
}
