package io.weir.bench.jmh;

import io.weir.bench.JsonFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The results of a run of the suite, as they are kept in a file.
 *
 * @param taken when, in UTC
 * @param machine where and of what
 * @param settings how long and how often each benchmark ran
 * @param measurements one for each benchmark and set of parameters
 */
public record SuiteResults(
        String taken, Machine machine, Settings settings, List<Measurement> measurements) {
    /**
     * Reads a file.
     *
     * @throws IOException if there is none, or it is not one of results
     */
    static SuiteResults read(Path file) throws IOException {
        return JsonFile.read(file, SuiteResults.class);
    }

    /** Of some cases those that these results have not, or have from a disturbed machine only. */
    List<Case> lacking(List<Case> cases) {
        Set<String> had =
                measurements.stream()
                        .filter(measurement -> !measurement.onlyDisturbed())
                        .map(Measurement::key)
                        .collect(Collectors.toSet());
        return cases.stream().filter(each -> !had.contains(each.key())).toList();
    }

    /** Nanoseconds that a case took, or 0 if these results do not have it. */
    double median(Case of) {
        return measurements.stream()
                .filter(measurement -> measurement.key().equals(of.key()))
                .mapToDouble(Measurement::median)
                .findFirst()
                .orElse(0);
    }

    /** These and what the earlier ones have of other benchmarks. */
    SuiteResults addedTo(SuiteResults earlier) {
        Map<String, Measurement> all = new TreeMap<>();
        earlier.measurements.forEach(measurement -> all.put(measurement.key(), measurement));
        measurements.forEach(measurement -> all.put(measurement.key(), measurement));
        return new SuiteResults(taken, machine, settings, List.copyOf(all.values()));
    }

    /** Writes a file, and its directory if there is none. */
    void write(Path file) throws IOException {
        JsonFile.write(file, this);
    }
}
