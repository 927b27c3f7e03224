package io.weir.dataplane.worker;

import org.HdrHistogram.Histogram;

/**
 * What share of durations was how long, in nanoseconds with a precision of a hundredth; all 0 if
 * there were none.
 *
 * @param p50 a half was no longer
 * @param p99 99 % were no longer
 * @param p999 99.9 % were no longer
 * @param p9999 99.99 % were no longer
 * @param longest none was longer
 */
public record DurationSpread(long p50, long p99, long p999, long p9999, long longest) {
    static final DurationSpread NONE = new DurationSpread(0, 0, 0, 0, 0);

    static DurationSpread of(Histogram histogram) {
        if (histogram.getTotalCount() == 0) {
            return NONE;
        }
        return new DurationSpread(
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(99),
                histogram.getValueAtPercentile(99.9),
                histogram.getValueAtPercentile(99.99),
                histogram.getMaxValue());
    }
}
