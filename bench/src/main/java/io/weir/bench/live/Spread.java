package io.weir.bench.live;

import java.util.ArrayList;
import java.util.List;

/** The middle and the ends of samples; all are NaN where there are none. */
record Spread(double median, double least, double most) {
    static Spread of(List<Double> samples) {
        List<Double> sorted = samples.stream().filter(Double::isFinite).sorted().toList();
        if (sorted.isEmpty()) {
            return new Spread(Double.NaN, Double.NaN, Double.NaN);
        }
        int half = sorted.size() / 2;
        double median =
                sorted.size() % 2 == 1
                        ? sorted.get(half)
                        : (sorted.get(half - 1) + sorted.get(half)) / 2;
        return new Spread(median, sorted.getFirst(), sorted.getLast());
    }

    /**
     * The spread of the ratios of samples of the same rounds. A machine that is slower in one round
     * than in another is so for both.
     *
     * @param samples by round; NaN for a round without one
     * @param reference by round
     */
    static Spread ofRatios(List<Double> samples, List<Double> reference) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(samples.size(), reference.size()); i++) {
            ratios.add(samples.get(i) / reference.get(i));
        }
        return of(ratios);
    }
}
