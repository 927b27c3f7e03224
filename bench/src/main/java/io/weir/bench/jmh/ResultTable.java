package io.weir.bench.jmh;

import java.util.List;
import java.util.Locale;

/** Results as text for people. */
final class ResultTable {
    private ResultTable() {}

    /** The table's head and one row for each measurement. */
    static String of(SuiteResults results) {
        Machine machine = results.machine();
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%s, %.2f GHz measured, %s, %s%n%s%ncommit %s, %s%n%n",
                        machine.processor(),
                        machine.gigahertz(),
                        machine.kernel(),
                        machine.jdk(),
                        String.join(" ", machine.flags()),
                        machine.commit(),
                        results.taken()));
        text.append(row("benchmark", "ns", "p10", "p90", "net ns", "cycles", "B/op"));
        for (Measurement measurement : results.measurements()) {
            text.append(row(measurement));
        }
        List<Measurement> disturbed =
                results.measurements().stream().filter(Measurement::onlyDisturbed).toList();
        if (!disturbed.isEmpty()) {
            text.append(
                    "\n~ was never undisturbed: other work ran on the machine; too high, measure"
                            + " again\n");
        }
        return text.toString();
    }

    private static String row(Measurement measurement) {
        double net = measurement.net();
        double cycles = measurement.netCycles();
        return row(
                (measurement.onlyDisturbed() ? "~ " : "") + measurement.key(),
                time(measurement.median()),
                time(measurement.tenth()),
                time(measurement.ninetieth()),
                time(net),
                String.format(Locale.ROOT, cycles < 10 ? "%.1f" : "%.0f", cycles),
                String.format(Locale.ROOT, "%.1f", measurement.allocatedBytes()));
    }

    private static String row(String... cells) {
        return String.format(Locale.ROOT, "%-82s %9s %9s %9s %9s %7s %6s%n", (Object[]) cells);
    }

    /** Three digits or so. */
    private static String time(double nanos) {
        return String.format(Locale.ROOT, nanos < 100 ? "%.2f" : "%.0f", nanos);
    }
}
