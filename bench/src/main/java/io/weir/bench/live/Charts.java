package io.weir.bench.live;

import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.markers.SeriesMarkers;

import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Results as PNG: a bar for a contender's median, a dot for each of its rounds. */
final class Charts {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 320;
    static final Color BAR = new Color(0x9db8d2);
    static final Color DOT = new Color(0x1f3b57);

    private final Path directory;

    Charts(Path directory) {
        this.directory = directory;
    }

    /**
     * Draws one metric of a measure; returns the file, live-MEASURE-METRIC.png; MEASURE ends in
     * -ipv6 where it is over that.
     */
    Path draw(MeasureResults results, Metric metric) throws IOException {
        List<String> contenders = List.copyOf(results.values().keySet());
        CategoryChart chart =
                new CategoryChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .theme(ChartTheme.XChart)
                        .title(results.title())
                        .yAxisTitle(metric.name() + ", " + metric.unit())
                        .build();
        chart.getStyler().setLegendVisible(false);
        chart.getStyler().setOverlapped(true);
        chart.getStyler().setAvailableSpaceFill(0.6);
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setChartTitleFont(chart.getStyler().getAxisTitleFont());
        List<Double> medians =
                contenders.stream().map(name -> results.spread(name, metric).median()).toList();
        chart.addSeries("median", contenders, medians).setFillColor(BAR);
        int rounds =
                contenders.stream()
                        .mapToInt(name -> results.samples(name, metric).size())
                        .max()
                        .orElse(0);
        for (int round = 0; round < rounds; round++) {
            var dots =
                    chart.addSeries(
                            "round " + (round + 1),
                            contenders,
                            samples(results, metric, contenders, round));
            dots.setChartCategorySeriesRenderStyle(CategorySeriesRenderStyle.Scatter);
            dots.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(DOT);
        }
        Files.createDirectories(directory);
        String measure = ResultFiles.name(results.measure(), results.family());
        String name = measure + "-" + metric.name().replaceAll("\\W+", "-");
        Path file = directory.resolve(name + ".png");
        try (OutputStream out = Files.newOutputStream(file)) {
            BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
        }
        return file;
    }

    // A round without a sample is drawn where the median is, and so not seen.
    private static List<Double> samples(
            MeasureResults results, Metric metric, List<String> contenders, int round) {
        List<Double> values = new ArrayList<>();
        for (String contender : contenders) {
            List<Double> samples = results.samples(contender, metric);
            double sample = round < samples.size() ? samples.get(round) : Double.NaN;
            values.add(
                    Double.isFinite(sample) ? sample : results.spread(contender, metric).median());
        }
        return values;
    }
}
