package io.weir.bench.live;

import io.weir.bench.jmh.Machine;
import io.weir.control.lab.LabException;
import io.weir.control.lab.Namespaces;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where and with what results were found.
 *
 * @param time of the start, UTC
 * @param load the machine's load average over the last minute before the start
 * @param commit of weir, with a mark if files differ from it
 * @param programs the peers' and tools' own words about their versions
 */
record Environment(
        String time,
        String processor,
        int processors,
        String kernel,
        String jdk,
        String load,
        String commit,
        Map<String, String> programs) {

    private static final Map<String, List<String>> PROGRAMS =
            Map.of(
                    "haproxy", List.of("haproxy", "-v"),
                    "nginx", List.of("nginx", "-v"),
                    "nft", List.of("nft", "--version"),
                    "iperf3", List.of("iperf3", "--version"),
                    "wrk", List.of("dpkg-query", "--show", "wrk"));

    static Environment current(Path root) throws IOException {
        Map<String, String> programs = new LinkedHashMap<>();
        PROGRAMS.keySet().stream()
                .sorted()
                .forEach(
                        name ->
                                programs.put(
                                        name, firstLine(PROGRAMS.getOrDefault(name, List.of()))));
        String git = root.toString();
        String changed = firstLine(List.of("git", "-C", git, "status", "--porcelain"));
        return new Environment(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                Machine.processorModel(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"),
                System.getProperty("java.vendor.version") + " " + Runtime.version(),
                Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0],
                firstLine(List.of("git", "-C", git, "rev-parse", "--short=10", "HEAD"))
                        + (changed.isEmpty() ? "" : " with changes"),
                programs);
    }

    private static String firstLine(List<String> command) {
        try {
            return Namespaces.run(command, "").lines().findFirst().orElse("");
        } catch (LabException e) {
            return "unknown";
        }
    }
}
