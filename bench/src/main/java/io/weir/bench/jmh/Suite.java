package io.weir.bench.jmh;

import io.weir.bench.replay.FloorBenchmark;
import io.weir.bench.replay.ForwarderBenchmark;
import io.weir.bench.replay.NewConnectionBenchmark;
import io.weir.bench.replay.WorkerBenchmark;
import io.weir.bench.stage.ConnectionTableBenchmark;
import io.weir.bench.stage.SchedulerBenchmark;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Which benchmarks run with which parameters: all combinations of the values that are declared with
 * them, without those that would tell nothing new.
 */
final class Suite {
    private static final String METHOD = "method";

    private Suite() {}

    /**
     * Chooses the cases whose {@link Case#key} has a match, each after the case that measures its
     * harness.
     *
     * @param quick only what a first look needs
     */
    static List<Case> select(Pattern pattern, boolean quick) {
        Map<String, Case> selected = new LinkedHashMap<>();
        for (Case candidate : all()) {
            boolean wanted = quick ? quick(candidate) : usual(candidate);
            if (wanted && pattern.matcher(candidate.key()).find()) {
                Case harness = harness(candidate);
                if (harness != null) {
                    selected.putIfAbsent(harness.key(), harness);
                }
                selected.putIfAbsent(candidate.key(), candidate);
            }
        }
        return List.copyOf(selected.values());
    }

    private static List<Case> all() {
        OutputFormat silent =
                OutputFormatFactory.createFormatInstance(
                        new PrintStream(PrintStream.nullOutputStream()), VerboseMode.SILENT);
        List<Case> cases = new ArrayList<>();
        for (BenchmarkListEntry entry : BenchmarkList.defaultList().getAll(silent, List.of())) {
            String name = entry.getUsername();
            int dot = name.lastIndexOf('.');
            Map<String, String[]> declared = entry.getParams().orElse(Map.of());
            addCombinations(
                    new Case(
                            type(entry.getUserClassQName()),
                            name.substring(dot + 1),
                            new TreeMap<>()),
                    new ArrayList<>(new TreeMap<>(declared).entrySet()),
                    cases);
        }
        return cases;
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the list of benchmarks is not of this program", e);
        }
    }

    private static void addCombinations(
            Case begun, List<Map.Entry<String, String[]>> open, List<Case> cases) {
        if (open.isEmpty()) {
            cases.add(begun);
            return;
        }
        Map.Entry<String, String[]> parameter = open.getFirst();
        for (String value : parameter.getValue()) {
            Case more = begun.with(begun.method(), parameter.getKey(), value);
            addCombinations(more, open.subList(1, open.size()), cases);
        }
    }

    private static boolean usual(Case candidate) {
        if (candidate.type() == WorkerBenchmark.class) {
            return usualReplay(candidate);
        }
        if (candidate.type() == ConnectionTableBenchmark.class
                && candidate.has("entries", "10000000")) {
            return candidate.method().startsWith("hit") || candidate.method().startsWith("miss");
        }
        if (candidate.type() == NewConnectionBenchmark.class) {
            return candidate.has("scheduler", "rr") || candidate.has(METHOD, "direct");
        }
        if (candidate.method().equals("counted")) {
            // Loads are nothing to the others, so one of them shows what counting costs.
            return !candidate.has("scheduler", "wrr", "dh", "sh", "mh");
        }
        if (candidate.type() == FloorBenchmark.class) {
            return usualFloor(candidate);
        }
        return !candidate.method().equals("restoreAlone") || candidate.has(METHOD, "direct");
    }

    // The tunnels differ from direct routing by what their forwarders do alone, whatever the order;
    // the ports cost the same whatever the order, and whoever begins.
    private static boolean usualReplay(Case replay) {
        boolean established = replay.has("newPercent", "0");
        boolean uniform = replay.has("order", "uniform");
        boolean main = replay.has(METHOD, "direct", "masquerade", "mixed");
        if (replay.method().equals("portsAlone")) {
            return established && uniform && main;
        }
        boolean begins = replay.has(METHOD, "direct", "masquerade");
        return established ? main || uniform : uniform && begins;
    }

    // Until frames are rewritten, it is all the same how.
    private static boolean usualFloor(Case floor) {
        return floor.has(METHOD, "direct") || floor.method().matches("rewrite|count");
    }

    private static boolean quick(Case candidate) {
        if (!usual(candidate)) {
            return false;
        }
        if (candidate.type() == WorkerBenchmark.class) {
            return candidate.has("order", "uniform")
                    && candidate.has("newPercent", "0")
                    && candidate.has("flows", "1000", "1000000")
                    && candidate.has(METHOD, "direct", "masquerade");
        }
        if (candidate.type() == SchedulerBenchmark.class) {
            return candidate.has("servers", "100") && candidate.method().equals("select");
        }
        if (candidate.type() == ConnectionTableBenchmark.class) {
            return candidate.has("entries", "1000", "1000000");
        }
        if (candidate.type() == NewConnectionBenchmark.class) {
            return candidate.has("scheduler", "rr") && candidate.has(METHOD, "direct");
        }
        return true;
    }

    /** What measures the part of a benchmark that is not weir's; null if there is no such part. */
    static @Nullable Case harness(Case of) {
        if (of.type() == WorkerBenchmark.class && !of.method().equals("portsAlone")) {
            String ports = of.has(METHOD, "masquerade", "mixed") ? method(of) : "direct";
            return of.with("portsAlone", METHOD, ports, "newPercent", "0", "order", "uniform");
        }
        if (of.type() == NewConnectionBenchmark.class) {
            TreeMap<String, String> ports = new TreeMap<>();
            ports.put("flows", "1000");
            ports.put(METHOD, "direct");
            ports.put("newPercent", "0");
            ports.put("order", "uniform");
            return new Case(WorkerBenchmark.class, "portsAlone", ports);
        }
        if (of.type() == ConnectionTableBenchmark.class && !of.method().equals("endpointsAlone")) {
            return of.with("endpointsAlone");
        }
        if (of.type() == FloorBenchmark.class && !of.method().equals("frames")) {
            return of.with("frames", METHOD, "direct");
        }
        if (of.type() == ForwarderBenchmark.class && !of.method().equals("restoreAlone")) {
            return of.with("restoreAlone", METHOD, "direct");
        }
        return null;
    }

    private static String method(Case of) {
        return of.parameters().getOrDefault(METHOD, "");
    }
}
