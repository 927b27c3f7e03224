package io.weir.bench.scale;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Measures how costs grow and prints tables in Markdown, each line the second of two runs. The
 * argument {@code --quick} leaves out what takes seconds and a gigabyte.
 */
public final class Scale {
    private Scale() {}

    public static void main(String[] arguments) {
        List<String> given = List.of(arguments);
        if (!given.isEmpty() && !given.equals(List.of("--quick"))) {
            System.err.println("scale: no argument but --quick is known: " + given);
            System.exit(2);
        }
        report(!given.isEmpty()).forEach(System.out::println);
    }

    /** The lines of all tables. */
    static List<String> report(boolean quick) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| connections | table MiB | set up ms | insert ns | look up ns | list ns"
                        + " | expire ns | longest cycle µs |");
        lines.add("|---|---|---|---|---|---|---|---|");
        int[] connections = {1_000, 100_000, 1_000_000, 10_000_000};
        measure(lines, connections, quick ? 100_000 : 10_000_000, ConnectionCurve::measure);
        lines.add("");
        lines.add(
                "| services | add a rule µs | longest µs | look up ns | list ms | steering ms"
                        + " | longest cycle ms | delete a service µs | longest cycle after ms |");
        lines.add("|---|---|---|---|---|---|---|---|---|");
        int[] services = {10, 100, 1_000, 10_000};
        measure(lines, services, quick ? 100 : 10_000, ServiceCurve::measure);
        lines.add("");
        lines.add(
                "| established | SYNs of 100 packets | ns for a packet | longest cycle µs"
                        + " | given up half-open | SYNs refused |");
        lines.add("|---|---|---|---|---|---|");
        for (int share : new int[] {0, 50, 90, 100}) {
            lines.add(FloodCurve.measure(quick ? 10_000 : 1_000_000, share));
        }
        return lines;
    }

    private static void measure(
            List<String> lines, int[] sizes, int most, IntFunction<String> curve) {
        for (int size : sizes) {
            if (size <= most) {
                var _ = curve.apply(size);
                lines.add(curve.apply(size));
            }
        }
    }
}
