package io.weir.bench.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import javax.imageio.ImageIO;

final class ChartsTest {
    private static final Metric TIME = new Metric("own time", "us", true);

    @TempDir private Path directory;

    @Test
    void drawsABarForEachContenderAndADotForEachRound() throws Exception {
        MeasureResults results =
                new MeasureResults(
                        "requests",
                        "HTTP requests",
                        new Environment("", "", 2, "", "", "", "", Map.of()),
                        Layout.DEFAULT,
                        Family.IPV4,
                        "",
                        1,
                        List.of(TIME),
                        new LinkedHashMap<>(),
                        new LinkedHashMap<>());
        for (double sample : new double[] {10, 20, Double.NaN}) {
            results.add(new KernelForwarding(), Map.of(TIME, sample));
            results.add(new KernelNat(), Map.of(TIME, sample + 1));
        }
        Path file = new Charts(directory).draw(results, TIME);
        assertThat(file).hasFileName("live-requests-own-time.png");
        BufferedImage image = ImageIO.read(file.toFile());
        Map<Integer, Integer> pixels = new HashMap<>();
        for (int x = 0; x < image.getWidth(); x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                pixels.merge(image.getRGB(x, y), 1, Integer::sum);
            }
        }
        // Two contenders in three rounds, the third without samples, which is where the bar ends.
        assertThat(pixels.get(Charts.DOT.getRGB())).isBetween(6 * 20, 6 * 100);
        assertThat(pixels.get(Charts.BAR.getRGB())).isGreaterThan(10_000);
    }
}
