package io.weir.bench.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Results as text: a line for each contender and metric, with ratios to the references. */
final class Table {
    private static final int SIGNIFICANT = 3;

    private Table() {}

    /** Formats results; a reference that was not measured has no column. */
    static String of(MeasureResults results, List<String> references) {
        List<String> present =
                references.stream().filter(name -> results.values().containsKey(name)).toList();
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("metric", "contender", "median", "range"));
        present.forEach(name -> head.add("to " + name));
        rows.add(head);
        for (Metric metric : results.metrics()) {
            for (String contender : results.values().keySet()) {
                Spread spread = results.spread(contender, metric);
                List<String> row = new ArrayList<>();
                row.add(metric.name() + ", " + metric.unit());
                row.add(contender);
                row.add(number(spread.median()));
                row.add(number(spread.least()) + " - " + number(spread.most()));
                present.forEach(name -> row.add(ratio(results.ratio(contender, name, metric))));
                rows.add(row);
            }
        }
        return heading(results) + format(rows);
    }

    private static String heading(MeasureResults results) {
        String procedure = results.procedure().isEmpty() ? "" : " (" + results.procedure() + ")";
        return results.measure() + ": " + results.title() + procedure + "\n";
    }

    private static String ratio(Spread ratio) {
        if (Double.isNaN(ratio.median())) {
            return "-";
        }
        return String.format(
                Locale.ROOT, "%.2f (%.2f - %.2f)", ratio.median(), ratio.least(), ratio.most());
    }

    /** A number with three significant digits at least, without an exponent. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        int whole = value == 0 ? 1 : (int) Math.floor(Math.log10(Math.abs(value))) + 1;
        int decimals = Math.clamp(SIGNIFICANT - whole, 0, 6);
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    private static String format(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        StringBuilder text = new StringBuilder();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(String.format("%-" + (widths[i] + 2) + "s", row.get(i)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
